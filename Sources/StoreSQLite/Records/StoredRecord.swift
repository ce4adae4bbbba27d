import Domain
import GRDB
import Store

/// A record that one main table, and perhaps a table beside it, holds.
protocol StoredRecord: ClinicRecord {
    /// The expression for `created_at` that is null where the record is dated before the one that it refers to; `nil` where
    /// records of the kind refer to none. Parameters are those of the record's columns, from `?1`.
    static var plausibleDate: String? { get }
    /// The main table and its key.
    static var table: (name: String, key: String) { get }
    /// Columns of the main table that hold the content.
    static var columns: [String] { get }
    /// Expression and joins that read the content back, as `init(known:)` expects it, from the main table `t`.
    static var selection: (columns: String, joins: String) { get }

    /// Binds the content in the order of `columns`, from a parameter on.
    func bind(to statement: Statement, from first: Int32, names: NameTable) throws
    /// Reads the content in the order of `selection`, from column 0.
    init?(id: Identifier<Kind>, known statement: Statement)

    /// The content as it is hashed.
    var digestInput: DigestInput { get }

    /// The statement that writes what stands in a table beside the main one, with the id as parameter 1.
    static var sideInsert: String? { get }
    /// Binds the side's content from parameter 2 on; `false` where there is none.
    func bindSide(to statement: Statement) -> Bool
}

extension StoredRecord {
    /// Microseconds by which a record may be dated before the one that it refers to: 366 days, since many are entered late.
    static var longestLead: Int64 { 366 * 86_400_000_000 }
    static var plausibleDate: String? { nil }
    static var sideInsert: String? { nil }
    func bindSide(to statement: Statement) -> Bool { false }
}

extension Patient: StoredRecord {
    static var table: (name: String, key: String) { ("patients", "patient_id") }
    static var columns: [String] { ["mizaj", "sex", "birth_year"] }
    static var selection: (columns: String, joins: String) { ("t.mizaj, t.sex, t.birth_year", "") }

    func bind(to statement: Statement, from first: Int32, names: NameTable) {
        statement.bind(mizaj.rawValue, at: first)
        statement.bind(sex?.rawValue, at: first + 1)
        statement.bind(birthYear, at: first + 2)
    }

    init?(id: PatientID, known row: Statement) {
        guard let mizaj = row.text(0).flatMap(Mizaj.init) else { return nil }
        self.init(
            id: id, mizaj: mizaj, sex: row.text(1).flatMap(Sex.init), birthYear: row.optional(2) { Int(row.int64($0)) })
    }
}

extension Diagnosis: StoredRecord {
    static var plausibleDate: String? {
        """
        CASE WHEN (SELECT p.birth_year FROM patients p WHERE p.patient_id = ?1)
            > CAST(strftime('%Y', ?4 / 1000000 + 86400, 'unixepoch') AS INTEGER) THEN NULL ELSE ?4 END
        """
    }
    static var table: (name: String, key: String) { ("diagnoses", "diagnosis_id") }
    static var columns: [String] { ["patient_id", "condition_id", "symptom_set_id", "created_at"] }
    static var selection: (columns: String, joins: String) {
        (
            "t.patient_id, n.text, s.text, t.created_at",
            """
            JOIN spellings n ON n.spelling_id = t.condition_id
            JOIN symptom_sets s ON s.symptom_set_id = t.symptom_set_id
            """
        )
    }

    func bind(to statement: Statement, from first: Int32, names: NameTable) throws {
        statement.bind(patient.rawValue, at: first)
        statement.bind(try names.spelling(condition, of: .condition), at: first + 1)
        statement.bind(try names.symptomSet(symptoms), at: first + 2)
        statement.bind(createdAt, at: first + 3)
    }

    init?(id: DiagnosisID, known row: Statement) {
        guard let createdAt = Instant(stored: row.int64(3)) else { return nil }
        self.init(
            id: id, patient: PatientID(rawValue: row.int64(0)), condition: row.text(1) ?? "",
            symptoms: (row.text(2) ?? "").listParts, createdAt: createdAt)
    }
}

extension Recommendation: StoredRecord {
    static var plausibleDate: String? {
        """
        CASE WHEN (SELECT p.created_at FROM diagnoses p WHERE p.diagnosis_id = ?1) > ?3 + \(longestLead)
            THEN NULL ELSE ?3 END
        """
    }
    static var table: (name: String, key: String) { ("recommendations", "recommendation_id") }
    static var columns: [String] { ["diagnosis_id", "herb_id", "created_at"] }
    static var selection: (columns: String, joins: String) {
        ("t.diagnosis_id, n.text, t.created_at", "JOIN spellings n ON n.spelling_id = t.herb_id")
    }

    func bind(to statement: Statement, from first: Int32, names: NameTable) throws {
        statement.bind(diagnosis.rawValue, at: first)
        statement.bind(try names.spelling(herb, of: .herb), at: first + 1)
        statement.bind(createdAt, at: first + 2)
    }

    init?(id: RecommendationID, known row: Statement) {
        guard let createdAt = Instant(stored: row.int64(2)) else { return nil }
        self.init(
            id: id, diagnosis: DiagnosisID(rawValue: row.int64(0)), herb: row.text(1) ?? "",
            createdAt: createdAt)
    }
}

extension Feedback: StoredRecord {
    static var plausibleDate: String? {
        """
        CASE WHEN (SELECT p.created_at FROM recommendations p WHERE p.recommendation_id = ?1) > ?5 + \(longestLead)
            THEN NULL ELSE ?5 END
        """
    }
    static var table: (name: String, key: String) { ("feedback", "feedback_id") }
    static var columns: [String] {
        ["recommendation_id", "rating", "improvement", "compliance", "created_at", "deleted_at"]
    }
    static var selection: (columns: String, joins: String) {
        (
            """
            t.recommendation_id, t.rating, t.improvement, t.compliance, t.created_at, t.deleted_at,
            n.side_effects, n.comment
            """, "LEFT JOIN feedback_notes n ON n.feedback_id = t.feedback_id"
        )
    }
    static var sideInsert: String? {
        """
        INSERT INTO feedback_notes (feedback_id, side_effects, comment) VALUES (?, ?, ?)
        ON CONFLICT (feedback_id) DO UPDATE SET side_effects = excluded.side_effects, comment = excluded.comment
        """
    }

    func bind(to statement: Statement, from first: Int32, names: NameTable) {
        statement.bind(recommendation.rawValue, at: first)
        statement.bind(rating.value, at: first + 1)
        statement.bind(improvement?.value, at: first + 2)
        statement.bind(compliance.map { Int($0.billionths) }, at: first + 3)
        statement.bind(createdAt, at: first + 4)
        statement.bind(deletedAt, at: first + 5)
    }

    func bindSide(to statement: Statement) -> Bool {
        statement.bind(sideEffects.isEmpty ? nil : sideEffects.joined(separator: ";"), at: 2)
        statement.bind(comment, at: 3)
        return !sideEffects.isEmpty || comment != nil
    }

    init?(id: FeedbackID, known row: Statement) {
        guard let rating = Rating(Int(row.int64(1))), let createdAt = Instant(stored: row.int64(4)) else { return nil }
        self.init(
            id: id, recommendation: RecommendationID(rawValue: row.int64(0)), rating: rating,
            improvement: row.optional(2) { Int(row.int64($0)) }.flatMap(Rating.init),
            compliance: row.optional(3) { row.int64($0) }.flatMap(Compliance.init(billionths:)),
            sideEffects: (row.text(6) ?? "").listParts, comment: row.text(7),
            createdAt: createdAt, deletedAt: row.optional(5) { Instant(microseconds: row.int64($0)) })
    }
}
