/// The log of all writes: an entry for each, bound to the entry before it by a hash.
public protocol AuditLog: Sendable {
    /// Follows the log from its first entry to its last, and compares the records, imports and revocations with it. Reads all
    /// records, and blocks meanwhile.
    ///
    /// - Parameter noted: the number and hash of an entry that were noted earlier; the log must still have it.
    func auditReport(against noted: (number: Int64, hash: String)?) throws -> AuditReport
}
