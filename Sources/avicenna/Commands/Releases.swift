import ArgumentParser
import Domain
import Foundation
import Pipeline
import Reports
import Store
import StoreSQLite

/// `avicenna releases`
struct ReleasesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "releases", abstract: "List the months whose figures are released to anybody, or import a ledger.",
        subcommands: [List.self, Import.self], defaultSubcommand: List.self)

    /// `avicenna releases list`
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the released months, and those that are withheld because the ledger lacks them.")

        @Option(help: "How to print: table, csv or json.")
        var format: OutputFormat = .table

        @OptionGroup var options: SettingsOptions

        func run() throws {
            let settings = try options.load()
            let database = try openDatabaseForReading(at: settings.database)
            let ledger = ReleaseLedger(of: settings.releases, beside: database)
            var printer = RowPrinter(
                format: format,
                columns: ["month", "released_at", "epsilon", "subjects", "new_subjects", "state"])
            try printer.begin()
            for status in ReleaseStatus.all(in: try ledger.read(), noted: try database.notedReleases()) {
                let released = status.released
                try printer.print([
                    .text("\(status.month)"), Cell(released.map { "\($0.releasedAt)" }),
                    Cell(released.map { "\($0.epsilon)" }), Cell(released?.cells.count),
                    Cell(released?.entries.count), .text(status.state.words),
                ])
            }
            try printer.end()
        }
    }

    /// `avicenna releases import`
    struct Import: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add the months of another ledger that ours lacks.",
            discussion: """
                Months that are equal are passed over. Nothing is imported where a month differs from ours or from what the \
                database noted, where the other ledger counts months in another time zone, and where it is damaged.
                """)

        @Argument(help: "A ledger, or a copy of one.")
        var file: String

        @OptionGroup var options: SettingsOptions

        func run() throws {
            let settings = try options.load()
            let database = try openDatabaseForReading(at: settings.database)
            let ledger = ReleaseLedger(of: settings.releases, beside: database)
            let added = try ledger.add(monthsOf: ReleaseLedger(at: file), noted: try database.notedReleases())
            let span = added.first.map { first in
                added.count == 1 ? ", \(first)" : ", \(first) to \(added[added.count - 1])"
            }
            try Terminal.show("\(ledger.path): \(added.count.counted("month")) imported\(span ?? "")")
        }
    }
}

extension ReleaseStatus.State {
    fileprivate var words: String {
        switch self {
        case .shown: "shown"
        case .missing: "withheld: the ledger lacks it; import it with 'avicenna releases import FILE'"
        case .differs: "withheld: the ledger has other figures than the database noted"
        }
    }
}
