import ArgumentParser
import Domain
import Foundation
import Pipeline
import Reports
import Store
import StoreSQLite

/// `avicenna jobs`
struct Jobs: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the jobs: their last run, how it ended, and when they are due next.")

    @Option(help: "How to print: table, csv or json.")
    var format: OutputFormat = .table

    @OptionGroup var options: SettingsOptions

    func run() throws {
        let settings = try options.load()
        let jobs = try JobDefinition.all(in: settings.jobs)
        let database = try openDatabaseForReading(at: settings.database)
        let now = Terminal.now()
        var printer = RowPrinter(
            format: format, columns: ["job", "schedule", "last_run", "as_of", "status", "started_at", "next"])
        try printer.begin()
        for job in jobs {
            let last = try database.latestRun(of: job.name)
            let next = job.schedule.map { schedule in
                schedule.next(after: now, in: settings.timezone).map(settings.timezone.clock) ?? "never"
            }
            try printer.print([
                .text(job.name), Cell(job.schedule?.description), last.map { .integer($0.id.rawValue) } ?? .empty,
                Cell(last?.start.asOf.description), Cell(last?.status.rawValue),
                Cell(last.map { settings.timezone.clock(at: $0.start.startedAt) }),
                Cell(next),
            ])
        }
        try printer.end()
        for job in jobs {
            if let schedule = job.schedule, !schedule.canBeDue {
                Log.logger.notice("job \(job.name) is \(schedule.neverDue)")
            }
        }
    }
}
