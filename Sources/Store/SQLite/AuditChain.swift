import Crypto
import Domain
import Foundation
import GRDB

/// The audit log: an entry for each write through the API, each broadcast, each import and each revocation, bound to the entry
/// before it by its hash.
///
/// A hash is the SHA-256 of the hash before it and of all fields of its entry, each after its length, so that no two
/// entries hash the same text.
struct AuditChain {
    private let newest: Statement
    private let insert: Statement
    /// The hash of the newest entry; empty where there is none.
    private var hash = ""

    /// The log as it is in the transaction that a connection has open.
    init(_ db: GRDB.Database) throws {
        guard let connection = db.sqliteConnection else {
            throw DatabaseError(resultCode: .SQLITE_MISUSE, message: "the connection is closed")
        }
        try self.init(on: connection)
        try begin()
    }

    /// The log on a connection; `begin` is to be called in each transaction before `append`.
    init(on connection: OpaquePointer) throws {
        newest = try Statement(on: connection, "SELECT hash, audit_id FROM audit ORDER BY audit_id DESC LIMIT 1")
        // By a statement of our own: those of GRDB cut a text at its first U+0000, and the hash would be of another text.
        insert = try Statement(
            on: connection,
            """
            INSERT INTO audit (at, subject, role, request, action, record_id, before, after, import_id, displaced, hash)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
    }

    /// Reads the hash of the newest entry, which other connections may have appended. The transaction must hold the write
    /// lock, so that none is appended until it ends.
    mutating func begin() throws {
        defer { newest.reset() }
        hash = ""
        guard try newest.step() else { return }
        try NoFreeNumber.check(after: newest.int64(1), in: "audit")
        hash = newest.text(0) ?? ""
    }

    mutating func append(_ entry: AuditEntry) throws {
        hash = entry.hash(after: hash)
        insert.bind(entry.at, at: 1)
        insert.bind(entry.subject, at: 2)
        insert.bind(entry.role, at: 3)
        insert.bind(entry.request, at: 4)
        insert.bind(entry.action, at: 5)
        insert.bind(entry.record, at: 6)
        insert.bind(entry.before, at: 7)
        insert.bind(entry.after, at: 8)
        insert.bind(entry.importID.map(Int.init), at: 9)
        insert.bind(entry.displaced, at: 10)
        insert.bind(hash, at: 11)
        try insert.run()
    }
}

/// One entry of the audit log.
struct AuditEntry {
    var at: Instant
    var subject: String
    var role: String
    var request: String
    var action: String
    var record: Int64
    var before: String?
    var after: String
    /// The import that the record belongs to from then on; `nil` in entries of older versions, and where it is not of a record.
    var importID: Int64?
    /// What the record was until then, where an import had written it, as a `DisplacedRecord` describes it.
    var displaced: String?

    /// The hash of an entry that follows the one with a hash, in hexadecimal.
    func hash(after previous: String) -> String {
        var digest = SHA256()
        var fields: [String?] = [
            previous, String(at.microseconds), subject, role, request, action, String(record), before, after,
        ]
        // Older versions knew neither.
        if importID != nil || displaced != nil { fields += [importID.map(String.init), displaced] }
        for field in fields {
            let bytes = field.map { Data($0.utf8) }
            digest.update(data: Data("\(bytes?.count ?? -1):".utf8))
            if let bytes { digest.update(data: bytes) }
        }
        return digest.finalize().hexadecimal
    }
}

extension AuditEntry {
    /// What an order wrote.
    init(_ order: WriteOrder, _ action: String, after: some AuditedRecord, in importID: Int64, at now: Instant) {
        self.init(
            at: now, subject: order.requester.subject, role: order.requester.role.rawValue, request: order.request,
            action: action, record: after.id.rawValue, before: nil, after: after.auditText, importID: importID)
    }

    /// Reads an entry from columns in the order of `columns`.
    init(row: Statement) {
        self.init(
            at: Instant(microseconds: row.int64(1)), subject: row.text(2) ?? "", role: row.text(3) ?? "",
            request: row.text(4) ?? "", action: row.text(5) ?? "", record: row.int64(6), before: row.text(7),
            after: row.text(8) ?? "", importID: row.optional(10) { row.int64($0) }, displaced: row.text(11))
    }

    /// The number and the hash of an entry are in columns 0 and 9.
    static let columns = """
        audit_id, at, subject, role, request, action, record_id, before, after, hash, import_id, displaced
        """
}

/// A record whose writing is noted in the audit log.
protocol AuditedRecord: StoredRecord {
    /// Its content.
    var auditJSON: JSON { get }
}

extension AuditedRecord {
    /// Its content as the audit log has it.
    var auditText: String { auditJSON.description }
}

extension Patient: AuditedRecord {
    var auditJSON: JSON {
        [
            "id": JSON(id), "mizaj_type": .text(mizaj.rawValue), "sex": JSON(sex?.rawValue),
            "birth_year": JSON(birthYear),
        ]
    }
}

extension Diagnosis: AuditedRecord {
    var auditJSON: JSON {
        [
            "id": JSON(id), "patient_id": JSON(patient), "condition": .text(condition),
            "symptoms": JSON(symptoms.map { .text($0) }), "created_at": JSON(createdAt),
        ]
    }
}

extension Recommendation: AuditedRecord {
    var auditJSON: JSON {
        [
            "id": JSON(id), "diagnosis_id": JSON(diagnosis), "herb": .text(herb), "created_at": JSON(createdAt),
        ]
    }
}

extension Feedback: AuditedRecord {
    var auditJSON: JSON {
        [
            "id": JSON(id), "recommendation_id": JSON(recommendation), "rating": JSON(rating.value),
            "symptom_improvement": JSON(improvement?.value),
            "compliance": JSON(compliance.map { Double($0.billionths) / Double(Compliance.scale) }),
            "side_effects": JSON(sideEffects.map { .text($0) }), "comment": JSON(comment),
            "created_at": JSON(createdAt), "deleted_at": JSON(deletedAt),
        ]
    }
}
