public import Domain
import GRDB
import Store

extension SQLiteDatabase {
    /// What was written through the API since a clinic was read, in order.
    public func changes(
        after version: ClinicVersion, limit: Int
    ) throws -> (changes: [ClinicChange]?, version: ClinicVersion) {
        try read { db in
            let reader = ClinicChanges(db: db)
            return (try reader.changes(after: version, limit: limit), try reader.newest())
        }
    }
}

/// Reads what was written, inside one transaction.
struct ClinicChanges {
    let db: GRDB.Database

    /// Up to where all is written.
    func newest() throws -> ClinicVersion {
        ClinicVersion(
            lastImport: try Int64.fetchOne(db, sql: "SELECT max(import_id) FROM imports") ?? 0,
            lastEntry: try Int64.fetchOne(db, sql: "SELECT max(audit_id) FROM audit") ?? 0)
    }

    /// The changes in order; `nil` where there are more than `limit`, or where others than the API wrote.
    func changes(after version: ClinicVersion, limit: Int) throws -> [ClinicChange]? {
        let isImported =
            try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM imports WHERE import_id > ? AND source <> ?)",
                arguments: [version.lastImport, OrderRecords.source]) ?? false
        guard !isImported else { return nil }
        let rows = try GRDB.Row.fetchAll(
            db, sql: "SELECT action, record_id FROM audit WHERE audit_id > ? ORDER BY audit_id LIMIT ?",
            arguments: [version.lastEntry, limit + 1])
        guard rows.count <= limit else { return nil }
        return try rows.compactMap { try change(of: $0.known("action"), $0.known("record_id")) }
    }

    /// The record as it stands now, which is also right for each of several changes of it.
    private func change(of action: String, _ number: Int64) throws -> ClinicChange? {
        let records = RecordReader(db: db)
        switch action.prefix(while: { $0 != "." }) {
        case Substring(Patient.kind): return try records.patient(PatientID(rawValue: number)).map { .patient($0) }
        case Substring(Feedback.kind): return try records.feedback(FeedbackID(rawValue: number)).map { .feedback($0) }
        case Substring(Recommendation.kind):
            let id = RecommendationID(rawValue: number)
            guard let recommendation = try records.recommendation(id),
                let herb = try term(
                    "recommendations t JOIN spellings s ON s.spelling_id = t.herb_id", "t.recommendation_id",
                    id.rawValue)
            else { return nil }
            return .recommendation(recommendation, herb: herb)
        case Substring(Diagnosis.kind): return try diagnosis(DiagnosisID(rawValue: number))
        default: return nil
        }
    }

    private func diagnosis(_ id: DiagnosisID) throws -> ClinicChange? {
        guard let diagnosis = try RecordReader(db: db).diagnosis(id),
            let condition = try term(
                "diagnoses t JOIN spellings s ON s.spelling_id = t.condition_id", "t.diagnosis_id", id.rawValue),
            let set = try Int64.fetchOne(
                db, sql: "SELECT symptom_set_id FROM diagnoses WHERE diagnosis_id = ?", arguments: [id.rawValue])
        else { return nil }
        guard 1...Int64(try SQLiteDatabase.mostRows(db)) ~= set else { throw DatabaseError.unknown("symptom_set_id") }
        let symptoms = try Int32.fetchAll(
            db, sql: "SELECT term_id FROM symptom_set_members WHERE symptom_set_id = ? ORDER BY term_id",
            arguments: [set])
        return .diagnosis(diagnosis, condition: condition, symptomSet: Int(set), symptoms: symptoms)
    }

    private func term(_ tables: String, _ key: String, _ number: Int64) throws -> TermID? {
        try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT s.term_id FROM \(tables) WHERE \(key) = ?"), arguments: [number]
        ).map(TermID.init(rawValue:))
    }
}
