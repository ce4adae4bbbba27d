import ArgumentParser
import Domain
import Store
import StoreSQLite

/// `avicenna audit`
struct Audit: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check the log of imports, revocations and writes through the API.", subcommands: [AuditVerify.self])
}

/// `avicenna audit verify`
struct AuditVerify: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Follow the audit log from its first entry, and compare the database with it.",
        discussion: """
            It prints the newest entry with its hash. Note that elsewhere, and give it with --noted the next time: whoever \
            can write to the database could make all hashes anew, but not one that stands somewhere else.
            """)

    @Option(
        help: ArgumentHelp("An entry and its hash, as an earlier verification printed them.", valueName: "number:hash"))
    var noted: String?

    @OptionGroup var options: SettingsOptions

    private var entry: (number: Int64, hash: String)? {
        let parts = (noted ?? "").split(separator: ":")
        guard parts.count == 2, let number = Int64(parts[0]), number > 0 else { return nil }
        return (number, String(parts[1]))
    }

    func validate() throws {
        guard noted == nil || entry != nil else {
            throw ValidationError("--noted must be an entry and its hash, such as 120:3fa9….")
        }
    }

    func run() throws {
        let settings = try options.load()
        let report = try openDatabaseForReading(at: settings.database).auditReport(against: entry)
        guard report.problems.isEmpty else { throw BrokenAudit(location: settings.database, problems: report.problems) }
        let head = report.head.map { ", the newest is \($0.number):\($0.hash)" } ?? ""
        let entries = report.entries.counted("entry", plural: "entries")
        try Terminal.show("\(entries), \(report.entries == 1 ? "as it was" : "all as they were") written\(head)")
        if report.uncovered > 0 {
            try Terminal.show(
                "records imported before imports had entries, which were only counted: \(report.uncovered.grouped)")
        }
        if !report.unverified.isEmpty {
            let numbers = report.unverified.map(String.init).joined(separator: ", ")
            try Terminal.show(
                "not verified, since the upgrade: entry \(numbers); an older version stored a name that contained U+0000 only "
                    + "in part, or the entry was changed before the upgrade")
        }
    }
}

/// The audit log, or a record, is not as it was written.
private struct BrokenAudit: Failure {
    let location: String
    let problems: [String]

    let status = ExitStatus.badData
    var description: String {
        "\(location): the audit log was tampered with: \(problems.joined(separator: "; ")); compare it with a backup"
    }
}
