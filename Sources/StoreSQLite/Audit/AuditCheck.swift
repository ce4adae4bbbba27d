import Domain
import GRDB
public import Store

extension SQLiteDatabase {
    /// Follows the audit log from its first entry to its last, and compares the records, imports and revocations with it.
    ///
    /// - Parameter noted: an entry and its hash that somebody noted earlier.
    public func auditReport(against noted: (number: Int64, hash: String)?) throws -> AuditReport {
        try read { db in
            var report = AuditReport()
            var log = AuditTrail(db: db, noted: noted)
            try log.follow(&report)
            try OrderCheck(db: db).run(&report)
            try ImportCheck(db: db, log: log).run(&report)
            try RevocationCheck(db: db, log: log).run(&report)
            return report
        }
    }
}

extension AuditReport {
    /// Problems that are reported; where one link is broken, many seem so.
    private static let maxProblems = 10

    mutating func add(_ problem: String) {
        if problems.count < Self.maxProblems { problems.append(problem) }
    }
}

/// The chain of entries, and what those say that are not of one record.
struct AuditTrail {
    let db: GRDB.Database
    let noted: (number: Int64, hash: String)?
    /// What there was before imports and revocations had entries.
    private(set) var baseline = AuditBaseline()
    /// What the entries of imports say, by import.
    private(set) var imports: [Int64: ImportSummaryEntry] = [:]
    /// Records of imports that were replaced, deleted or changed later.
    private(set) var displaced: [RecordOwner: RecordDigest] = [:]
    /// What the entries of revocations say, by revocation.
    private(set) var revocations: [Int64: String] = [:]
    private var isNotedFound = false

    init(db: GRDB.Database, noted: (number: Int64, hash: String)?) {
        self.db = db
        self.noted = noted
    }

    /// Reads all entries.
    mutating func follow(_ report: inout AuditReport) throws {
        // An entry may be excused by a later one, so that this is read first.
        try readBaseline(&report)
        let broadcasts = try BroadcastCheck(db: db)
        let rows = try Statement(db, "SELECT \(AuditEntry.columns) FROM audit ORDER BY audit_id")
        while try rows.step() {
            let number = rows.int64(0)
            let entry = AuditEntry(row: rows)
            let hash = rows.text(9) ?? ""
            let expected = (report.head?.number ?? 0) + 1
            if number != expected { report.add(missing(expected, before: number)) }
            if number == expected, entry.hash(after: report.head?.hash ?? "") != hash {
                if baseline.unverified[number] == entry.hash(after: hash) {
                    report.unverified.append(number)
                } else {
                    report.add("entry \(number) (\(entry.action) \(entry.record)) was changed, or the one before it")
                }
            }
            if number == noted?.number { isNotedFound = hash == noted?.hash }
            report.head = (number, hash)
            report.entries += 1
            read(entry, number, &report)
            if entry.action == BroadcastLog.action { try broadcasts.run(entry, number: number, &report) }
        }
        // The engine remembers the highest number that it ever gave.
        let last = try Int64.fetchOne(db, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'audit'") ?? 0
        let head = report.head?.number ?? 0
        if last > head { report.add("entries \(head + 1) to \(last) are missing at the end") }
        if let noted, !isNotedFound { report.add("entry \(noted.number) is not there with the hash that was noted") }
    }

    private mutating func readBaseline(_ report: inout AuditReport) throws {
        let rows = try Statement(db, "SELECT audit_id, after FROM audit WHERE action = ? ORDER BY audit_id")
        rows.bind(AuditBaseline.action, at: 1)
        var first: Int64?
        while try rows.step() {
            guard first == nil, let read = AuditJSON.value(AuditBaseline.self, rows.text(1) ?? "") else {
                report.add("entry \(rows.int64(0)) (\(AuditBaseline.action)) is not one that avicenna wrote")
                continue
            }
            first = rows.int64(0)
            baseline = read
        }
        // It is written before anything else that has an entry only since then.
        let later = try Int64.fetchOne(
            db, sql: "SELECT min(audit_id) FROM audit WHERE action IN (?, ?) OR import_id IS NOT NULL",
            arguments: [ImportSummaryEntry.action, RevocationLog.action])
        if let first, let later, later < first {
            report.add("entry \(first) (\(AuditBaseline.action)) is not one that avicenna wrote")
        }
    }

    private mutating func read(_ entry: AuditEntry, _ number: Int64, _ report: inout AuditReport) {
        if let text = entry.displaced {
            guard let record = DisplacedRecord(text) else {
                report.add("entry \(number) (\(entry.action) \(entry.record)) is not one that avicenna wrote")
                return
            }
            let kind = String(entry.action.prefix { $0 != "." })
            displaced[RecordOwner(importID: record.importID, kind: kind), default: RecordDigest()] += record.digest
        }
        switch entry.action {
        case ImportSummaryEntry.action:
            guard let summary = AuditJSON.value(ImportSummaryEntry.self, entry.after), imports[entry.record] == nil
            else {
                report.add("entry \(number) (\(entry.action) \(entry.record)) is not one that avicenna wrote")
                return
            }
            imports[entry.record] = summary
            for replaced in summary.replaced {
                let owner = RecordOwner(importID: replaced.importID, kind: replaced.kind)
                displaced[owner, default: RecordDigest()] += replaced.digest
            }
        case RevocationLog.action: revocations[entry.record] = entry.after
        default: break
        }
    }

    private func missing(_ first: Int64, before number: Int64) -> String {
        guard first < number else { return "entry \(number) has a number that none can have" }
        return first == number - 1 ? "entry \(first) is missing" : "entries \(first) to \(number - 1) are missing"
    }
}

/// Compares revocations with their entries.
struct RevocationCheck {
    let db: GRDB.Database
    let log: AuditTrail

    func run(_ report: inout AuditReport) throws {
        var entries = log.revocations
        var older = 0
        let rows = try RevocationLog.selection(db, where: "true")
        while try rows.step() {
            let number = rows.int64(0)
            if number <= log.baseline.lastRevocation { older += 1 }
            guard let text = entries.removeValue(forKey: number) else {
                if number > log.baseline.lastRevocation { report.add("revocation \(number) has no entry") }
                continue
            }
            if try RevocationLog.text(rows) != text { report.add("revocation \(number) is not as its entry says") }
        }
        for number in entries.keys.sorted() { report.add("revocation \(number) is not there, though it has an entry") }
        if older != log.baseline.revocations {
            report.add(
                "of revocations up to \(log.baseline.lastRevocation) there are \(older), and there were "
                    + "\(log.baseline.revocations) when the log was extended to them")
        }
    }
}
