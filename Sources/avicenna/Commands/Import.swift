import ArgumentParser
import Domain
import Foundation
import Pipeline
import Store

/// `avicenna import`
struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Import a clinic's folder of CSV files, or a flat file with a mapping.",
        discussion: """
            The folder holds patients.csv, diagnoses.csv, recommendations.csv and feedback.csv. Importing a file again \
            changes only what differs. With any reject nothing is imported.
            """)

    @Argument(help: "The folder, or with --mapping the file.")
    var path: String

    @Option(help: "How a flat CSV file from elsewhere is read.")
    var mapping: String?

    @Option(help: ArgumentHelp("How many rejects are left out instead of stopping the import.", valueName: "N|all"))
    var allowRejects: AllowedRejects = .count(0)

    @Option(help: "Where rejects are listed.")
    var rejects = "rejects.csv"

    @Option(help: "Seconds to wait while another process runs on the database.")
    var wait = 0

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        let settings = try options.load()
        let bar = ProgressBar()
        let importOptions = ImportOptions(
            allowedRejects: allowRejects.limit, rejectsPath: rejects, now: Terminal.now(), timezone: settings.timezone
        ) { bar?.show($0.fraction, $0.file) }
        // The input is opened first, so that a wrong path makes no database.
        let importInput = try input()
        let database = try openDatabase(at: settings.database, create: true)
        let lock = try await DatabaseLock(of: database.location, wait: .seconds(wait), onWait: Log.noteWaiting)
        let start = ContinuousClock.now
        let summary = try withExtendedLifetime(lock) {
            defer { bar?.clear() }
            return try importInput(database, importOptions)
        }
        try Terminal.write(summary.screen(seconds: (ContinuousClock.now - start) / .seconds(1)))
        let rejected = summary.files.reduce(0) { $0 + $1.rejected }
        if rejected > 0 { Log.logger.notice("\(rejected.grouped) rows were left out, see \(rejects)") }
    }

    /// The folder or file, opened, as what imports it.
    private func input() throws -> (any Database, ImportOptions) throws -> ImportSummary {
        guard let mapping else {
            let folder = try ClinicFolder(path)
            return { try $0.importRecords(folder, options: $1) }
        }
        let file = try MappedFile(path, mapping: ImportMapping(contentsOf: URL(filePath: mapping)))
        return { try $0.importRecords(file, options: $1) }
    }
}

/// `--allow-rejects 10` or `--allow-rejects all`
enum AllowedRejects: ExpressibleByArgument {
    case count(Int)
    case all

    init?(argument: String) {
        if argument == "all" {
            self = .all
        } else if let count = Int(argument), count >= 0 {
            self = .count(count)
        } else {
            return nil
        }
    }

    var defaultValueDescription: String { "0" }

    var limit: Int? {
        switch self {
        case .count(let count): count
        case .all: nil
        }
    }
}

extension ImportSummary {
    /// What came of each file, and how fast.
    fileprivate func screen(seconds: Double) -> String {
        var table = TextTable(header: ["file", "rows", "new", "changed", "unchanged", "rejected"])
        for file in files {
            table.append(
                [file.path] + [file.rows, file.inserted, file.updated, file.unchanged, file.rejected].map(String.init))
        }
        let rows = files.reduce(0) { $0 + $1.rows }
        return table.text + "\(rows.grouped) rows in \(seconds.formatted(.number.precision(.fractionLength(1)))) s\n"
    }
}
