import Domain
import GRDB
import Store

/// Answers to orders that may be repeated, by the key and the requester: subject, role and patient.
///
/// Written by statements of our own: those of GRDB cut a subject at its first U+0000.
struct IdempotencyTable {
    let db: GRDB.Database
    /// Old keys that are deleted at a time.
    private static let sweep = 200

    func answer(for key: IdempotencyKey, of requester: Requester) throws -> StoredAnswer? {
        // Rows of older versions have no role, and are those of any role and patient of their subject.
        let select = try Statement(
            db,
            """
            SELECT fingerprint, status, answer, refused FROM idempotency_keys
            WHERE subject = ? AND key = ? AND (role = ? AND patient_id = ? OR role = '')
            """)
        bind(key, of: requester, to: select)
        guard try select.step() else { return nil }
        return StoredAnswer(
            fingerprint: select.text(0) ?? "",
            answer: WriteAnswer(status: Int(select.int64(1)), body: select.text(2) ?? ""),
            refused: Set((select.text(3) ?? "").split(separator: ",").compactMap { Int($0) }))
    }

    func store(_ stored: StoredAnswer, for key: IdempotencyKey, of requester: Requester, at now: Instant) throws {
        let insert = try Statement(
            db,
            """
            INSERT INTO idempotency_keys (subject, key, role, patient_id, fingerprint, status, answer, refused, at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        bind(key, of: requester, to: insert)
        insert.bind(stored.fingerprint, at: 5)
        insert.bind(stored.answer.status, at: 6)
        insert.bind(stored.answer.body, at: 7)
        insert.bind(stored.refused.sorted().map(String.init).joined(separator: ","), at: 8)
        insert.bind(now, at: 9)
        try insert.run()
    }

    private func bind(_ key: IdempotencyKey, of requester: Requester, to statement: Statement) {
        statement.bind(requester.subject, at: 1)
        statement.bind(key.text, at: 2)
        statement.bind(requester.role.rawValue, at: 3)
        statement.bind(requester.patient?.rawValue ?? Int64(0), at: 4)
    }

    /// Deletes answers that were stored before an instant, a few at a time.
    func delete(storedBefore instant: Instant) throws {
        try db.cachedStatement(
            sql: """
                DELETE FROM idempotency_keys WHERE (subject, key, role, patient_id) IN
                    (SELECT subject, key, role, patient_id FROM idempotency_keys WHERE at < ? ORDER BY at LIMIT ?)
                """
        ).execute(arguments: [instant.microseconds, Self.sweep])
    }
}
