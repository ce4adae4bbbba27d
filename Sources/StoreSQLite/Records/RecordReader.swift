import Domain
import GRDB
public import Store

extension SQLiteDatabase {
    /// Runs `body` with the records and what patients see of published results, as of one moment.
    public func readAsPatient<Value>(
        _ body: (any ClinicRecords, any PatientResults) throws -> Value
    ) throws -> Value {
        try read { try body(RecordReader(db: $0), PatientResultsReader(db: $0)) }
    }

    /// Runs `body` with the records and what is published, as of one moment.
    public func readClinic<Value>(
        _ body: (any ClinicRecords, any PublishedResults) throws -> Value
    ) throws -> Value {
        try read { try body(RecordReader(db: $0), SQLitePublishedResults(db: $0)) }
    }
}

/// Reads single records inside one transaction.
struct RecordReader: ClinicRecords {
    let db: GRDB.Database

    func patient(_ id: PatientID) throws -> Patient? { try known(id) }
    func diagnosis(_ id: DiagnosisID) throws -> Diagnosis? { try known(id) }
    func recommendation(_ id: RecommendationID) throws -> Recommendation? { try known(id) }
    func feedback(_ id: FeedbackID) throws -> Feedback? { try known(id) }

    private func known<Record: StoredRecord>(_ id: Identifier<Record>) throws -> Record? where Record.Kind == Record {
        let found: [Record] = try all(where: "t.\(Record.table.key) = ?", [id.rawValue])
        return found.first
    }

    func patients(after last: PatientID?, limit: Int) throws -> [Patient] { try page(after: last, limit) }
    func diagnoses(after last: DiagnosisID?, limit: Int) throws -> [Diagnosis] { try page(after: last, limit) }
    func recommendations(after last: RecommendationID?, limit: Int) throws -> [Recommendation] {
        try page(after: last, limit)
    }

    private func page<Record: StoredRecord>(after last: Identifier<Record>?, _ limit: Int) throws -> [Record] {
        let key = "t.\(Record.table.key)"
        return try all(where: "\(key) > ? ORDER BY \(key) LIMIT ?", [last?.rawValue ?? 0, Int64(limit)])
    }

    /// The records of a kind that a condition on the main table `t` allows.
    private func all<Record: StoredRecord>(where condition: String, _ parameters: [Int64]) throws -> [Record] {
        let (columns, joins) = Record.selection
        let (table, key) = Record.table
        let statement = try Statement(
            db, "SELECT \(columns), t.\(key) FROM \(table) t \(joins) WHERE \(condition)")
        for (position, parameter) in parameters.enumerated() { statement.bind(parameter, at: Int32(position + 1)) }
        let keyColumn = statement.columnCount - 1
        var records: [Record] = []
        while try statement.step() {
            guard let record = Record(id: Identifier(rawValue: statement.int64(keyColumn)), known: statement) else {
                throw DatabaseError.unknown(table)
            }
            records.append(record)
        }
        return records
    }

    // MARK: What belongs to what

    func patient(of diagnosis: DiagnosisID) throws -> PatientID? {
        try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT patient_id FROM diagnoses WHERE diagnosis_id = ?"),
            arguments: [diagnosis.rawValue]
        ).map(PatientID.init(rawValue:))
    }

    func patient(of recommendation: RecommendationID) throws -> PatientID? {
        try Int64.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT d.patient_id FROM recommendations r JOIN diagnoses d ON d.diagnosis_id = r.diagnosis_id
                    WHERE r.recommendation_id = ?
                    """),
            arguments: [recommendation.rawValue]
        ).map(PatientID.init(rawValue:))
    }

    func diagnoses(of patient: PatientID, after last: DiagnosisID?, limit: Int) throws -> [Diagnosis] {
        try all(
            where: "t.patient_id = ? AND t.diagnosis_id > ? ORDER BY t.diagnosis_id LIMIT ?",
            [patient.rawValue, last?.rawValue ?? 0, Int64(limit)])
    }

    func recommendations(of diagnosis: DiagnosisID) throws -> [Recommendation] {
        try all(where: "t.diagnosis_id = ? ORDER BY t.recommendation_id", [diagnosis.rawValue])
    }

    func feedback(of diagnosis: DiagnosisID, before last: FeedbackID?, limit: Int) throws -> [Feedback] {
        try all(
            where: """
                t.recommendation_id IN (SELECT recommendation_id FROM recommendations WHERE diagnosis_id = ?)
                AND t.feedback_id < ? AND t.deleted_at IS NULL ORDER BY t.feedback_id DESC LIMIT ?
                """,
            [diagnosis.rawValue, last?.rawValue ?? .max, Int64(limit)])
    }

    func feedback(on recommendation: RecommendationID) throws -> [Feedback] {
        try all(
            where: "t.recommendation_id = ? AND t.deleted_at IS NULL ORDER BY t.feedback_id", [recommendation.rawValue])
    }

    func term(_ name: String, _ kind: NameKind) throws -> TermID? {
        try Int64.fetchOne(
            db, sql: "SELECT term_id FROM terms WHERE kind = ? AND key = ?",
            arguments: [kind.rawValue, TextKey(name).text]
        ).map(TermID.init(rawValue:))
    }

    // MARK: What was said

    func summary(of recommendation: RecommendationID) throws -> FeedbackSummary? {
        guard
            let diagnosis = try Int64.fetchOne(
                db.cachedStatement(sql: "SELECT diagnosis_id FROM recommendations WHERE recommendation_id = ?"),
                arguments: [recommendation.rawValue]
            ).map(DiagnosisID.init(rawValue:))
        else { return nil }
        let limit = FeedbackSummary.maxSideEffects
        return try FeedbackSums(db).summary(of: recommendation, in: diagnosis, limit: limit)
            ?? summary(of: recommendation, in: diagnosis, limit: limit)
    }

    /// The summary that all feedback on a recommendation gives, read one by one.
    ///
    /// - Parameter limit: the most side effects that are listed; `nil` for all.
    func summary(
        of recommendation: RecommendationID, in diagnosis: DiagnosisID, limit: Int?
    ) throws -> FeedbackSummary {
        var summary = FeedbackSummary(of: recommendation, in: diagnosis)
        var names = EffectNames()
        var told: [String: Int] = [:]
        let rows = try Statement(
            db,
            """
            SELECT f.rating, f.improvement, f.compliance, f.created_at, n.side_effects
            FROM feedback f LEFT JOIN feedback_notes n ON n.feedback_id = f.feedback_id
            WHERE f.recommendation_id = ? AND f.deleted_at IS NULL ORDER BY f.feedback_id
            """)
        rows.bind(recommendation.rawValue, at: 1)
        while try rows.step() {
            guard let rating = try rows.rating(0) else { throw DatabaseError.unknown("feedback.rating") }
            summary.add(
                rating: rating, improvement: try rows.rating(1), compliance: try rows.compliance(2),
                at: try rows.instant(3))
            for effect in names.keys(of: rows.text(4)) { told[effect, default: 0] += 1 }
        }
        let sorted = told.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        summary.sideEffects = sorted.prefix(limit ?? sorted.count).map { (names[$0.key], $0.value) }
        summary.sideEffectCount = sorted.count
        return summary
    }
}

extension FeedbackSummary {
    fileprivate mutating func add(
        rating: Rating, improvement: Rating?, compliance: Compliance?, at instant: Instant
    ) {
        tally.samples += 1
        tally.ratingSum += Int32(rating.value)
        ratings[rating.value - 1] += 1
        if let improvement {
            tally.improvements += 1
            tally.improvementSum += Int32(improvement.value)
        }
        if let compliance {
            tally.compliances += 1
            tally.complianceSum += Int64(compliance.billionths)
        }
        newest = max(newest ?? instant, instant)
    }
}
