import Crypto
public import Domain
import Foundation

/// An entry of the audit log.
///
/// Entries form a chain: the hash of each covers the hash of the entry before it.
public struct AuditEntry: Sendable {
    /// When the write was made.
    public var at: Instant
    /// The subject that made it.
    public var subject: String
    /// The role of the subject.
    public var role: String
    /// The id of the request.
    public var request: String
    /// The kind of record and what was done with it, such as `feedback.edit`.
    public var action: String
    /// The number of the record.
    public var record: Int64
    /// The content of the record before the write; `nil` where there was none.
    public var before: String?
    /// The content of the record after the write.
    public var after: String
    /// The import that the record belongs to from then on; `nil` in entries of older versions, and where the entry is not of a
    /// record.
    public var importID: Int64?
    /// What the record was until then, where a file had brought it, as the engine describes it; else `nil`.
    public var displaced: String?

    /// An entry.
    public init(
        at: Instant, subject: String, role: String, request: String, action: String, record: Int64,
        before: String? = nil, after: String, importID: Int64? = nil, displaced: String? = nil
    ) {
        self.at = at
        self.subject = subject
        self.role = role
        self.request = request
        self.action = action
        self.record = record
        self.before = before
        self.after = after
        self.importID = importID
        self.displaced = displaced
    }

    /// The hash of the entry after an entry with the hash `previous`: SHA-256, in hexadecimal, of that hash and of all fields, each
    /// after its length, so that no two entries hash the same text.
    ///
    /// - Parameter previous: empty for the first entry.
    public func hash(after previous: String) -> String {
        var digest = SHA256()
        var fields: [String?] = [
            previous, String(at.microseconds), subject, role, request, action, String(record), before, after,
        ]
        // Older versions had neither.
        if importID != nil || displaced != nil { fields += [importID.map(String.init), displaced] }
        for field in fields {
            let bytes = field.map { Data($0.utf8) }
            digest.update(data: Data("\(bytes?.count ?? -1):".utf8))
            if let bytes { digest.update(data: bytes) }
        }
        return digest.finalize().hexadecimal
    }
}
