import Domain
import Foundation
import GRDB
import Store

extension Schema {
    /// Extends the audit log to imports and revocations.
    ///
    /// What was imported and revoked before has no entries. One entry notes how much that was, so that nothing can pass for
    /// older than it is.
    static func extendAudit(_ db: GRDB.Database) throws {
        try db.execute(
            sql: """
                -- The import that a record belongs to since the entry, and the one it was taken from, with its hash.
                ALTER TABLE audit ADD COLUMN import_id INTEGER;
                ALTER TABLE audit ADD COLUMN displaced TEXT;
                """)
        let baseline = try AuditBaseline(of: db)
        guard !baseline.isEmpty else { return }
        let newest = try String.fetchOne(db, sql: "SELECT hash FROM audit ORDER BY audit_id DESC LIMIT 1") ?? ""
        let now = Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
        let entry = AuditEntry(
            at: now, subject: "", role: "upgrade", request: "", action: AuditBaseline.action, record: 0, before: nil,
            after: try AuditJSON.text(baseline))
        try db.execute(
            sql: """
                INSERT INTO audit (at, subject, role, request, action, record_id, before, after, hash)
                VALUES (?, ?, ?, ?, ?, ?, NULL, ?, ?)
                """,
            arguments: [
                now.microseconds, entry.subject, entry.role, entry.request, entry.action, entry.record, entry.after,
                entry.hash(after: newest),
            ])
    }
}

/// What there was when the audit log was extended to imports and revocations.
struct AuditBaseline: Codable {
    static let action = "audit.extend"

    /// The newest import without an entry.
    var lastImport: Int64 = 0
    /// The newest revocation without an entry.
    var lastRevocation: Int64 = 0
    /// Revocations that there were.
    var revocations = 0
    /// Imported records by kind, without those that the API wrote last.
    var records: [String: Int] = [:]
    /// Entries that could not be verified then, with a hash of what they held: versions until then cut a text at its first
    /// U+0000 but hashed all of it.
    var unverified: [Int64: String] = [:]

    enum CodingKeys: String, CodingKey {
        case revocations, records, unverified
        case lastImport = "last_import"
        case lastRevocation = "last_revocation"
    }

    /// There was nothing.
    init() {}

    /// What there is now.
    init(of db: GRDB.Database) throws {
        lastImport = try Int64.fetchOne(db, sql: "SELECT max(import_id) FROM imports") ?? 0
        lastRevocation = try Int64.fetchOne(db, sql: "SELECT max(revocation_id) FROM revocations") ?? 0
        revocations = try Int.fetchOne(db, sql: "SELECT count(*) FROM revocations") ?? 0
        for (kind, table) in [
            (Patient.kind, Patient.table.name), (Diagnosis.kind, Diagnosis.table.name),
            (Recommendation.kind, Recommendation.table.name), (Feedback.kind, Feedback.table.name),
        ] {
            records[kind] = try Int.fetchOne(
                db,
                sql:
                    "SELECT count(*) FROM \(table) WHERE import_id NOT IN (SELECT import_id FROM imports WHERE source = ?)",
                arguments: [OrderRecords.source])
        }
        var previous = ""
        let rows = try Statement(db, "SELECT \(AuditEntry.columns) FROM audit ORDER BY audit_id")
        while try rows.step() {
            let entry = AuditEntry(row: rows)
            let hash = rows.text(9) ?? ""
            if entry.hash(after: previous) != hash { unverified[rows.int64(0)] = entry.hash(after: hash) }
            previous = hash
        }
    }

    /// Whether everything has an entry.
    var isEmpty: Bool { lastImport == 0 && lastRevocation == 0 && unverified.isEmpty }
}
