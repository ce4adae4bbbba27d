import Crypto
import Domain
import Foundation
import GRDB

/// The audit log: an entry for everything that was written through the API, each bound to the one before by its hash.
///
/// A hash is the SHA-256 of the hash before it and of all fields of its entry, each after its length, so that no two
/// entries hash the same text.
struct AuditChain {
    private let db: GRDB.Database
    /// The hash of the newest entry; empty where there is none.
    private var hash: String

    init(_ db: GRDB.Database) throws {
        self.db = db
        hash = try String.fetchOne(db, sql: "SELECT hash FROM audit ORDER BY audit_id DESC LIMIT 1") ?? ""
    }

    /// Notes that a record was written.
    mutating func append<Record: AuditedRecord>(
        _ order: WriteOrder, _ action: String, before: Record?, after: Record, at now: Instant
    ) throws {
        let entry = AuditEntry(
            at: now, subject: order.requester.subject, role: order.requester.role.rawValue, request: order.request,
            action: action, record: after.id.rawValue, before: before?.auditText, after: after.auditText)
        hash = entry.hash(after: hash)
        try db.cachedStatement(
            sql: """
                INSERT INTO audit (at, subject, role, request, action, record_id, before, after, hash)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            now.microseconds, entry.subject, entry.role, entry.request, action, entry.record, entry.before,
            entry.after, hash,
        ])
    }
}

/// What the audit log says of one write.
struct AuditEntry {
    var at: Instant
    var subject: String
    var role: String
    var request: String
    var action: String
    var record: Int64
    var before: String?
    var after: String

    /// The hash of an entry that follows the one with a hash, in hexadecimal.
    func hash(after previous: String) -> String {
        var digest = SHA256()
        let fields: [String?] = [
            previous, String(at.microseconds), subject, role, request, action, String(record), before, after,
        ]
        for field in fields {
            let bytes = field.map { Data($0.utf8) }
            digest.update(data: Data("\(bytes?.count ?? -1):".utf8))
            if let bytes { digest.update(data: bytes) }
        }
        return digest.finalize().hexadecimal
    }
}

/// A record whose writing is noted in the audit log.
protocol AuditedRecord: StoredRecord {
    /// Its content as JSON.
    var auditText: String { get }
}

extension Patient: AuditedRecord {
    var auditText: String {
        """
        {"id":\(id),"mizaj_type":\(mizaj.rawValue.json),"sex":\(sex?.rawValue.json ?? "null"),\
        "birth_year":\(birthYear.map(String.init) ?? "null")}
        """
    }
}

extension Diagnosis: AuditedRecord {
    var auditText: String {
        """
        {"id":\(id),"patient_id":\(patient),"condition":\(condition.json),\
        "symptoms":[\(symptoms.map(\.json).joined(separator: ","))],"created_at":"\(createdAt)"}
        """
    }
}

extension Recommendation: AuditedRecord {
    var auditText: String {
        "{\"id\":\(id),\"diagnosis_id\":\(diagnosis),\"herb\":\(herb.json),\"created_at\":\"\(createdAt)\"}"
    }
}

extension Feedback: AuditedRecord {
    var auditText: String {
        """
        {"id":\(id),"recommendation_id":\(recommendation),"rating":\(rating.value),\
        "symptom_improvement":\(improvement.map { String($0.value) } ?? "null"),\
        "compliance":\(compliance.map { String(Double($0.billionths) / Double(Compliance.scale)) } ?? "null"),\
        "side_effects":[\(sideEffects.map(\.json).joined(separator: ","))],"comment":\(comment?.json ?? "null"),\
        "created_at":"\(createdAt)","deleted_at":\(deletedAt.map { "\"\($0)\"" } ?? "null")}
        """
    }
}
