import ArgumentParser
import Domain
import Foundation
import Pipeline
import Store
import StoreSQLite

/// `avicenna import`
struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Import a clinic's folder of CSV files, or a flat file with a mapping.",
        discussion: """
            The folder holds patients.csv, diagnoses.csv, recommendations.csv and feedback.csv, each plain or compressed \
            (.csv.gz). Encoding and separator are detected. Importing a file again changes only what differs. With any \
            reject nothing is imported.
            """)

    @Argument(help: "The folder, or with --mapping the file.")
    var path: String

    @Option(help: "How a flat CSV file from elsewhere is read.")
    var mapping: String?

    @Option(help: ArgumentHelp("How many rejects are left out instead of stopping the import.", valueName: "N|all"))
    var allowRejects: AllowedRejects = .count(0)

    @Option(help: "The file that lists rejects.")
    var rejects = "rejects.csv"

    @Option(help: "The encoding of the files, such as windows-1256. (default: UTF-8 or UTF-16, as detected)")
    var encoding: EncodingName?

    @Option(
        help: ArgumentHelp(
            "The character between fields, or 'tab'. (default: comma, semicolon or tab, as detected)",
            valueName: "character"))
    var delimiter: Delimiter?

    @Flag(help: "Allow that more than a fifth of the source's records change or are deleted.")
    var allowChanges = false

    @Flag(help: "Delete the source's records that are no longer in the files.")
    var mirror = false

    @Option(help: "Seconds to wait while another process runs on the database.")
    var wait = 0

    @Flag(name: .shortAndLong, help: "Print nothing on success.")
    var quiet = false

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        let settings = try options.load()
        let bar = quiet ? nil : ProgressBar()
        var importOptions = ImportOptions(
            allowedRejects: allowRejects.limit, rejectsPath: rejects, now: Terminal.now(), timezone: settings.timezone
        ) { bar?.show($0.fraction, $0.file) }
        importOptions.allowsChanges = allowChanges
        importOptions.mirrors = mirror
        importOptions.onReject = { reject in
            bar?.clear()
            Log.logger.warning("rejected \(reject)")
        }
        // The input is opened first, so that a wrong path makes no database.
        let importInput = try input()
        let database = try openDatabase(at: settings.database, create: true)
        let lock = try await database.runLock(wait: .seconds(wait), onWait: Log.noteWaiting)
        let start = ContinuousClock.now
        let summary = try withExtendedLifetime(lock) {
            defer { bar?.clear() }
            return try importInput(database, importOptions)
        }
        for note in summary.remarks(rejects: rejects) { Log.logger.notice("\(note)") }
        guard !quiet else { return }
        try Terminal.write(summary.screen(seconds: (ContinuousClock.now - start) / .seconds(1)))
    }

    /// The folder or file, opened, as a function that imports it.
    private func input() throws -> (any ClinicStore, ImportOptions) throws -> ImportSummary {
        let dialect = InputDialect(encoding: encoding?.encoding, separator: delimiter?.byte)
        guard let mapping else {
            let folder = try ClinicFolder(path, dialect: dialect)
            return { try $0.importRecords(folder, options: $1) }
        }
        let file = try MappedFile(path, mapping: ImportMapping(contentsOf: URL(filePath: mapping)), dialect: dialect)
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
        } else if let count = Int(argument.withPlainDigits), count >= 0 {
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

/// `--delimiter ';'` or `--delimiter tab`
struct Delimiter: ExpressibleByArgument {
    let byte: UInt8

    init?(argument: String) {
        let names = ["tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "]
        let text = names[argument] ?? argument
        guard text.utf8.count == 1, let byte = text.utf8.first, InputDialect.isSeparator(byte) else { return nil }
        self.byte = byte
    }
}

/// `--encoding windows-1256`
struct EncodingName: ExpressibleByArgument {
    let encoding: TextEncoding

    init?(argument: String) {
        guard let encoding = TextEncoding(argument) else { return nil }
        self.encoding = encoding
    }
}

extension ImportSummary {
    /// What the operator should know beside the counts, each one line.
    fileprivate func remarks(rejects path: String) -> [String] {
        var remarks = files.flatMap { file in file.notes.map { "\(file.path): \($0)" } }
        let rejected = files.reduce(0) { $0 + $1.rejected }
        if rejected > 0 {
            remarks.append("left out \(rejected.grouped) \(rejected == 1 ? "row" : "rows"), see \(path)")
        }
        let count = missing.reduce(0) { $0 + $1.count }
        guard count > 0 else { return remarks }
        let kinds = missing.map { "\($0.count.grouped) \($0.kind)" }.joined(separator: ", ")
        let noun = count == 1 ? "record of this source is" : "records of this source are"
        var remark = "\(count.grouped) \(noun) no longer in the \(files.count == 1 ? "file" : "files") (\(kinds)); "
        switch deleted {
        case nil: remark += "\(count == 1 ? "it stays" : "they stay"), --mirror deletes \(count == 1 ? "it" : "them")"
        case count?: remark += "deleted"
        case let deleted?:
            remark += "deleted \(deleted.grouped), kept \((count - deleted).grouped) that other records refer to"
        }
        return remarks + [remark]
    }

    /// The outcome of each file, and how fast it was.
    fileprivate func screen(seconds: Double) -> String {
        var table = TextTable(header: ["file", "rows", "new", "changed", "unchanged", "rejected"])
        for file in files {
            table.append(
                [file.path] + [file.rows, file.inserted, file.updated, file.unchanged, file.rejected].map(String.init))
        }
        let rows = files.reduce(0) { $0 + $1.rows }
        let time = seconds.formatted(.number.precision(.fractionLength(1)))
        return table.text + "\(rows.counted("row")) in \(time) s\n"
    }
}
