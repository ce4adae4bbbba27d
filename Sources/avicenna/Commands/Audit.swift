import ArgumentParser
import Domain
import Store

/// `avicenna audit`
struct Audit: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look into the log of what was written through the API.", subcommands: [AuditVerify.self])
}

/// `avicenna audit verify`
struct AuditVerify: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Follow the audit log from its first entry, and hold the records against it.",
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
        let report = try openDatabase(at: settings.database).auditReport(against: entry)
        guard report.problems.isEmpty else { throw BrokenAudit(location: settings.database, problems: report.problems) }
        let head = report.head.map { ", the newest is \($0.number):\($0.hash)" } ?? ""
        try Terminal.show(
            "\(report.entries.counted("entry", plural: "entries")), \(report.entries == 1 ? "" : "all ")as written\(head)"
        )
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
