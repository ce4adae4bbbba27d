import Domain
import GRDB
import Store

/// The end of an import, inside its transaction: refuses what is unusual or impossible, and finds what is missing.
struct ImportSettlement {
    let db: GRDB.Database
    let source: String
    let importID: Int64

    /// Fewer records than these are never unusual.
    private static let leastUnusual = 10
    /// One of so many is.
    private static let unusualShare = 5

    /// Those that refer to others come first.
    private static var kinds: [any StoredRecord.Type] {
        [Feedback.self, Recommendation.self, Diagnosis.self, Patient.self]
    }

    private static func table(of kind: String) -> (name: String, key: String)? {
        kinds.first { $0.kind == kind }?.table
    }

    // MARK: Refusals

    /// Refuses an import that changes more than a fifth of the source's records of a kind.
    func refuseUnusual(updated: [String: Int], inserted: [String: Int]) throws {
        for kind in Self.kinds.map({ $0.kind }) {
            try refuse(updated[kind] ?? 0, of: kind, inserted: inserted[kind] ?? 0, deletes: false)
        }
    }

    /// Refuses an import that deletes more than a fifth of the source's records of a kind.
    func refuseUnusual(deleted: [(kind: String, count: Int)], inserted: [String: Int]) throws {
        for (kind, count) in deleted { try refuse(count, of: kind, inserted: inserted[kind] ?? 0, deletes: true) }
    }

    private func refuse(_ changed: Int, of kind: String, inserted: Int, deletes: Bool) throws {
        guard changed >= Self.leastUnusual, let (table, _) = Self.table(of: kind) else { return }
        let count = try Int.fetchOne(
            db,
            sql: "SELECT count(*) FROM \(table) t JOIN imports i ON i.import_id = t.import_id WHERE i.source = ?",
            arguments: [source])
        let known = (count ?? 0) - inserted
        guard changed * Self.unusualShare > known else { return }
        throw ImportError.unusual(
            source: source, kind: Self.plural(of: kind), changed: changed, known: known, deletes: deletes)
    }

    static func plural(of kind: String) -> String {
        switch kind {
        case "diagnosis": "diagnoses"
        case "feedback": "feedback"
        default: "\(kind)s"
        }
    }

    /// Refuses records that were changed so that those which refer to them are older than they are.
    func refuseImpossible() throws {
        let checks = [
            """
            SELECT 'patient ' || p.patient_id || ' would be born after diagnosis ' || c.diagnosis_id || ' was made'
            FROM patients p JOIN diagnoses c ON c.patient_id = p.patient_id
            WHERE p.import_id = ? AND p.birth_year > CAST(strftime('%Y', c.created_at / 1000000 + 86400, 'unixepoch') AS INTEGER)
            """,
            """
            SELECT 'diagnosis ' || p.diagnosis_id || ' would be made more than a year after its recommendation '
                || c.recommendation_id
            FROM diagnoses p JOIN recommendations c ON c.diagnosis_id = p.diagnosis_id
            WHERE p.import_id = ? AND p.created_at > c.created_at + \(Feedback.longestLead)
            """,
            """
            SELECT 'recommendation ' || p.recommendation_id || ' would be made more than a year after its feedback '
                || c.feedback_id
            FROM recommendations p JOIN feedback c ON c.recommendation_id = p.recommendation_id
            WHERE p.import_id = ? AND p.created_at > c.created_at + \(Feedback.longestLead)
            """,
        ]
        for check in checks {
            if let reason = try String.fetchOne(db, sql: check + " LIMIT 1", arguments: [importID]) {
                throw ImportError.impossible(reason: reason)
            }
        }
    }

    // MARK: Missing records

    /// Finds the records of the source that the import neither wrote nor found unchanged.
    func findMissing() throws -> [(kind: String, count: Int)] {
        let isFirst =
            try Bool.fetchOne(
                db, sql: "SELECT NOT EXISTS (SELECT 1 FROM imports WHERE source = ? AND import_id <> ?)",
                arguments: [source, importID]) ?? true
        guard !isFirst else { return [] }
        try db.execute(
            sql: """
                DROP TABLE IF EXISTS temp.missing;
                CREATE TEMP TABLE missing (kind TEXT NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (kind, id))
                    STRICT, WITHOUT ROWID
                """)
        return try Self.kinds.compactMap { kind in
            let (table, key) = kind.table
            // Withdrawn feedback does not count any more, whether or not the files still have it.
            let condition = kind.kind == Feedback.kind ? "AND t.deleted_at IS NULL" : ""
            try db.execute(
                sql: """
                    INSERT INTO temp.missing (kind, id)
                    SELECT ?1, t.\(key) FROM \(table) t JOIN imports i ON i.import_id = t.import_id
                    WHERE i.source = ?2 AND t.import_id <> ?3 \(condition)
                        AND NOT EXISTS (SELECT 1 FROM temp.seen s WHERE s.kind = ?1 AND s.id = t.\(key))
                    """, arguments: [kind.kind, source, importID])
            let count = db.changesCount
            return count > 0 ? (kind.kind, count) : nil
        }
    }

    /// Deletes the records that are missing, all but those that other records refer to.
    ///
    /// - Returns: how many were deleted.
    func deleteMissing() throws -> Int {
        let missing = "(SELECT id FROM temp.missing WHERE kind = '%')"
        func list(_ kind: String) -> String { missing.replacing("%", with: kind) }
        let feedback = list(Feedback.kind)
        for table in ["feedback_notes", "feedback_authors"] {
            try db.execute(sql: "DELETE FROM \(table) WHERE feedback_id IN \(feedback)")
        }
        var deleted = 0
        func delete(_ sql: String) throws {
            try db.execute(sql: sql)
            deleted += db.changesCount
        }
        try delete("DELETE FROM feedback WHERE feedback_id IN \(feedback)")
        try delete(
            """
            DELETE FROM recommendations WHERE recommendation_id IN \(list(Recommendation.kind))
                AND NOT EXISTS (SELECT 1 FROM feedback c WHERE c.recommendation_id = recommendations.recommendation_id)
            """)
        try delete(
            """
            DELETE FROM diagnoses WHERE diagnosis_id IN \(list(Diagnosis.kind))
                AND NOT EXISTS (SELECT 1 FROM recommendations c WHERE c.diagnosis_id = diagnoses.diagnosis_id)
            """)
        try delete(
            """
            DELETE FROM patients WHERE patient_id IN \(list(Patient.kind))
                AND NOT EXISTS (SELECT 1 FROM diagnoses c WHERE c.patient_id = patients.patient_id)
            """)
        try db.execute(
            sql: "DELETE FROM birth_year_ranges WHERE patient_id NOT IN (SELECT patient_id FROM patients)")
        return deleted
    }
}
