import ArgumentParser
import Configuration
import Domain
import Foundation
import Pipeline
import Reports
import Store
import StoreSQLite

/// `avicenna deliveries`
struct Deliveries: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what became of each report for each recipient, or send one mail again.")

    @Option(help: ArgumentHelp("Send the mail of this row again, to its one recipient.", valueName: "number"))
    var resend: Int64?

    @Option(help: "How many rows to show.")
    var limit = 50

    @Option(help: "How to print: table, csv or json.")
    var format: OutputFormat = .table

    @OptionGroup var options: SettingsOptions

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit must be at least 1.") }
    }

    func run() async throws {
        let settings = try options.load()
        let database =
            try resend == nil ? openDatabaseForReading(at: settings.database) : openDatabase(at: settings.database)
        guard let resend else {
            try database.deliveries(limit: limit).print(as: format, in: settings.timezone)
            return
        }
        guard let row = try database.delivery(DeliveryID(rawValue: resend)) else {
            throw MissingFile(
                path: database.location, reason: "has no delivery \(resend); 'avicenna deliveries' shows them")
        }
        let command = self
        try await Signals.endingCleanly { try await command.send(row, database, settings) }
    }

    private func send(_ row: DeliveryRecord, _ database: any ClinicStore, _ settings: Settings) async throws {
        let lock = try await database.runLock(wait: .seconds(60), onWait: Log.noteWaiting)
        defer { withExtendedLifetime(lock) {} }
        try await JobRunner(
            database: database, settings: settings, softwareVersion: Version.current, now: Terminal.now
        ).resend(row)
        try Terminal.show("\(row.key.recipient): \(row.state.subject), delivered")
    }
}

extension [DeliveryRecord] {
    /// Prints them as rows.
    func print(as format: OutputFormat, in zone: ClinicTimeZone) throws {
        var printer = RowPrinter(
            format: format,
            columns: [
                "delivery", "job", "period", "report", "language", "channel", "recipient", "status", "attempts", "run",
                "as_of", "noted_at", "reason",
            ])
        try printer.begin()
        for row in self {
            try printer.print([
                .integer(row.id.rawValue), .text(row.key.job), .text(row.key.period), .text(row.key.report),
                .text(row.key.language.rawValue), .text(row.key.channel.rawValue), .text(row.key.recipient),
                .text(row.state.status.rawValue), .integer(Int64(row.state.attempts)),
                .integer(row.state.run.rawValue), .text(row.state.asOf.description),
                .text(zone.clock(at: row.state.notedAt)), Cell(row.state.reason),
            ])
        }
        try printer.end()
    }
}
