import ArgumentParser
import Domain
import Reports
import Store
import StoreSQLite

/// `avicenna runs`
struct Runs: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the latest runs, or all that is noted of one: its stages and deliveries.")

    @Argument(help: "Number of a run.")
    var number: Int64?

    @Option(help: "How many runs to show.")
    var limit = 20

    @Option(help: "How to print: table, csv or json.")
    var format: OutputFormat = .table

    @OptionGroup var options: SettingsOptions

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit must be at least 1.") }
    }

    func run() throws {
        let settings = try options.load()
        let database = try openDatabaseForReading(at: settings.database)
        guard let number else {
            try printRuns(try database.runs(limit: limit))
            if let past = try database.pastPublication(today: settings.timezone.day(of: Terminal.now())) {
                Log.logger.notice("\(past.description)")
            }
            return
        }
        let run = try database.existingRun(number)
        try print(run, deliveries: try database.deliveries(of: run.id))
    }

    private func printRuns(_ runs: [RunRecord]) throws {
        var printer = RowPrinter(
            format: format,
            columns: [
                "run", "job", "as_of", "trigger", "status", "started_at", "seconds", "rows_written", "digest", "error",
            ])
        try printer.begin()
        for run in runs {
            try printer.print([
                .integer(run.id.rawValue), .text(run.start.job), .text(run.start.asOf.description),
                .text(run.start.trigger.rawValue), .text(run.status.rawValue),
                .text(run.start.startedAt.wholeSecond.description),
                Cell(run.seconds),
                Cell(run.rowsWritten),
                shown(run.digest),
                Cell(run.end?.error),
            ])
        }
        try printer.end()
    }

    // MARK: One run

    private func print(_ run: RunRecord, deliveries: [DeliveryRecord]) throws {
        switch format {
        case .csv: try printStages(of: run)
        case .table:
            for (name, cell) in facts(of: run) where cell != .empty {
                try Terminal.show(summaryLine(name, cell.plainText(places: 2)))
            }
            try Terminal.write("\n")
            try printStages(of: run)
            if !deliveries.isEmpty {
                try Terminal.write("\n")
                try deliveries.print(as: format, in: run.start.settings.timezone)
            }
        case .json:
            let members = Cell.jsonMembers(facts(of: run), places: RowPrinter.places)
            try Terminal.write("{\(members), \"stages\": ".visibleJSON)
            try printStages(of: run)
            try Terminal.write(", \"deliveries\": ")
            try deliveries.print(as: format, in: run.start.settings.timezone)
            try Terminal.write("}\n")
        }
    }

    private func printStages(of run: RunRecord) throws {
        var printer = RowPrinter(
            format: format, columns: ["stage", "rows_read", "rows_written", "seconds", "memory_mib", "digest"])
        try printer.begin()
        for stage in run.end?.stages ?? [] {
            try printer.print([
                .text(stage.stage.rawValue), .integer(Int64(stage.rowsRead)), .integer(Int64(stage.rowsWritten)),
                .decimal(stage.seconds), .integer(Int64(stage.memory >> 20)), shown(stage.digest),
            ])
        }
        try printer.end()
    }

    /// Whole for programs, its beginning for people.
    private func shown(_ digest: String?) -> Cell {
        Cell(digest.map { format == .table ? String($0.prefix(12)) : $0 })
    }

    private func facts(of run: RunRecord) -> [(name: String, cell: Cell)] {
        [
            ("run", .integer(run.id.rawValue)), ("job", .text(run.start.job)), ("as_of", .day(run.start.asOf)),
            ("trigger", .text(run.start.trigger.rawValue)), ("status", .text(run.status.rawValue)),
            ("started_at", .text(run.start.startedAt.wholeSecond.description)), ("seconds", Cell(run.seconds)),
            ("deltas", Cell(run.end?.deltas)), ("digest", Cell(run.digest)), ("error", Cell(run.end?.error)),
            ("version", .text(run.start.softwareVersion)), ("model", .text(run.start.modelVersion)),
            ("settings", .text(run.start.settings.description)),
        ]
    }
}

extension Instant {
    fileprivate var wholeSecond: Instant { Instant(seconds: seconds) }
}
