import ArgumentParser
import Domain
import Reports
import Store

/// `avicenna runs`
struct Runs: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the latest runs, or what the stages of one run took.")

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
        let database = try openDatabase(at: options.load().database)
        guard let number else {
            try printRuns(try database.runs(limit: limit))
            return
        }
        try printStages(of: database.existingRun(number))
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
                Cell(run.digest.map { format == .table ? String($0.prefix(12)) : $0 }),
                Cell(run.end?.error),
            ])
        }
        try printer.end()
    }

    private func printStages(of run: RunRecord) throws {
        var printer = RowPrinter(format: format, columns: ["stage", "rows_read", "rows_written", "seconds"])
        try printer.begin()
        for stage in run.end?.stages ?? [] {
            try printer.print([
                .text(stage.stage.rawValue), .integer(Int64(stage.rowsRead)), .integer(Int64(stage.rowsWritten)),
                .decimal(stage.seconds),
            ])
        }
        try printer.end()
    }
}

extension Instant {
    fileprivate var wholeSecond: Instant { Instant(seconds: seconds) }
}
