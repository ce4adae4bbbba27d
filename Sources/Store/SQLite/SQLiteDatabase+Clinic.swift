public import Domain
import GRDB

extension SQLiteDatabase {
    /// How many records of each kind there are.
    public func recordCounts() throws -> RecordCounts {
        try read { db in
            func count(_ table: String) throws -> Int {
                try Int.fetchOne(db, sql: "SELECT count(*) FROM \(table)") ?? 0
            }
            return RecordCounts(
                patients: try count("patients"), diagnoses: try count("diagnoses"),
                recommendations: try count("recommendations"), feedback: try count("feedback"))
        }
    }

    /// How many rows the newest import left out; `nil` where nothing was ever imported.
    public func latestRejects() throws -> Int? {
        // What came through the API left nothing out: who sent it was told.
        try read { db in
            try Int.fetchOne(
                db, sql: "SELECT rejected FROM imports WHERE source <> ? ORDER BY import_id DESC LIMIT 1",
                arguments: [OrderRecords.source])
        }
    }

    /// Everything that a run reads, as of one moment of the database.
    public func clinic(asOf: Day, in zone: ClinicTimeZone) throws -> Clinic {
        try read { db in
            var reader = ClinicReader(db: db, asOf: asOf, zone: zone)
            return try reader.read()
        }
    }
}

/// Reads the tables of records into columns.
private struct ClinicReader {
    let db: GRDB.Database
    var clinic: Clinic
    var days: DayFinder

    init(db: GRDB.Database, asOf: Day, zone: ClinicTimeZone) {
        self.db = db
        clinic = Clinic(asOf: asOf)
        days = DayFinder(zone: zone)
    }

    mutating func read() throws -> Clinic {
        let conditions = try SpellingColumn(db, kind: .condition)
        let herbs = try SpellingColumn(db, kind: .herb)
        try readSymptomSets()
        try readPatients()
        let conditionSpellings = try readDiagnoses(conditions)
        let herbSpellings = try readRecommendations(herbs)
        try readCases()
        try readFirstImports()
        nameTerms(conditions, conditionSpellings, herbs, herbSpellings)
        clinic.version = try ClinicChanges(db: db).newest()
        return clinic
    }

    private mutating func readSymptomSets() throws {
        let statement = try Statement(
            db,
            """
            SELECT s.symptom_set_id, m.term_id
            FROM symptom_sets s LEFT JOIN symptom_set_members m ON m.symptom_set_id = s.symptom_set_id
            ORDER BY s.symptom_set_id, m.term_id
            """)
        var current: Int64 = 0
        var members: [Int32] = []
        while try statement.step() {
            // Sets are numbered from 1 without gaps in practice; a gap becomes an empty set, so that a set's position is
            // always its number less one.
            while current < statement.int64(0) {
                if current > 0 { clinic.symptomSets.append(members) }
                members.removeAll(keepingCapacity: true)
                current += 1
            }
            if !statement.isNull(1) { members.append(statement.int32(1)) }
        }
        if current > 0 { clinic.symptomSets.append(members) }
    }

    private mutating func readPatients() throws {
        let statement = try Statement(
            db, "SELECT patient_id, mizaj, sex, birth_year FROM patients ORDER BY patient_id")
        var patients = PatientColumns()
        while try statement.step() {
            patients.ids.append(PatientID(rawValue: statement.int64(0)))
            patients.mizaj.append(try known(statement.text(1).flatMap(Mizaj.init), "patients.mizaj"))
            patients.sex.append(try statement.text(2).map { try known(Sex(rawValue: $0), "patients.sex") })
            patients.birthYear.append(
                statement.isNull(3) ? PatientColumns.unknownYear : Int16(clamping: statement.int64(3)))
        }
        clinic.patients = patients
    }

    /// - Returns: the spelling of the condition of each diagnosis.
    private mutating func readDiagnoses(_ conditions: SpellingColumn) throws -> [Int32] {
        let statement = try Statement(
            db,
            """
            SELECT diagnosis_id, patient_id, condition_id, symptom_set_id, created_at
            FROM diagnoses ORDER BY diagnosis_id
            """)
        let patients = PositionIndex(clinic.patients.ids)
        var diagnoses = DiagnosisColumns()
        var spellings: [Int32] = []
        while try statement.step() {
            let spelling = statement.int32(2)
            diagnoses.ids.append(DiagnosisID(rawValue: statement.int64(0)))
            diagnoses.patient.append(
                try known(patients[PatientID(rawValue: statement.int64(1))], "diagnoses.patient_id"))
            diagnoses.condition.append(conditions.term[Int(spelling)])
            diagnoses.symptoms.append(statement.int32(3) - 1)
            diagnoses.createdOn.append(days.day(of: Instant(microseconds: statement.int64(4))))
            spellings.append(spelling)
        }
        clinic.diagnoses = diagnoses
        return spellings
    }

    /// - Returns: the spelling of the herb of each recommendation.
    private mutating func readRecommendations(_ herbs: SpellingColumn) throws -> [Int32] {
        let statement = try Statement(
            db,
            """
            SELECT recommendation_id, diagnosis_id, herb_id, created_at
            FROM recommendations ORDER BY recommendation_id
            """)
        let diagnoses = PositionIndex(clinic.diagnoses.ids)
        var recommendations = RecommendationColumns()
        var spellings: [Int32] = []
        while try statement.step() {
            let spelling = statement.int32(2)
            recommendations.ids.append(RecommendationID(rawValue: statement.int64(0)))
            recommendations.diagnosis.append(
                try known(diagnoses[DiagnosisID(rawValue: statement.int64(1))], "recommendations.diagnosis_id"))
            recommendations.herb.append(herbs.term[Int(spelling)])
            recommendations.createdOn.append(days.day(of: Instant(microseconds: statement.int64(3))))
            spellings.append(spelling)
        }
        clinic.recommendations = recommendations
        return spellings
    }

    private mutating func readCases() throws {
        let statement = try Statement(
            db,
            """
            SELECT feedback_id, recommendation_id, rating, improvement, compliance, created_at, import_id, deleted_at
            FROM feedback WHERE created_at < ? ORDER BY feedback_id
            """)
        statement.bind(CaseSpan.end(of: clinic.asOf), at: 1)
        let recommendations = PositionIndex(clinic.recommendations.ids)
        var cases = CaseColumns()
        while try statement.step() {
            let createdAt = Instant(microseconds: statement.int64(5))
            let day = days.day(of: createdAt)
            if day > clinic.asOf { continue }
            let id = FeedbackID(rawValue: statement.int64(0))
            let recommendation = try known(
                recommendations[RecommendationID(rawValue: statement.int64(1))], "feedback.recommendation_id")
            func append(to columns: inout CaseColumns) {
                columns.ids.append(id)
                columns.recommendation.append(recommendation)
                columns.rating.append(UInt8(truncatingIfNeeded: statement.int64(2)))
                columns.improvement.append(UInt8(truncatingIfNeeded: statement.int64(3)))  // NULL reads as 0
                columns.compliance.append(statement.isNull(4) ? CaseColumns.unsaid : statement.int32(4))
                columns.createdAt.append(createdAt)
                columns.day.append(day)
                columns.lastImport.append(statement.int32(6))
            }
            if statement.isNull(7) { append(to: &cases) } else { append(to: &clinic.withdrawn) }
        }
        clinic.cases = cases
    }

    private mutating func readFirstImports() throws {
        let statement = try Statement(db, "SELECT feedback_id, import_id FROM feedback_origins")
        while try statement.step() {
            clinic.firstImports[FeedbackID(rawValue: statement.int64(0))] = statement.int32(1)
        }
    }

    /// Gives each term the spelling of the smallest id that the as-of day sees: records made up to that day, or with a
    /// case.
    private mutating func nameTerms(
        _ conditions: SpellingColumn, _ conditionSpellings: [Int32], _ herbs: SpellingColumn, _ herbSpellings: [Int32]
    ) {
        var isSeen = clinic.recommendations.createdOn.map { $0 <= clinic.asOf }
        for recommendation in clinic.cases.recommendation {
            isSeen[Int(recommendation)] = true
        }
        var isDiagnosisSeen = clinic.diagnoses.createdOn.map { $0 <= clinic.asOf }
        for (position, diagnosis) in clinic.recommendations.diagnosis.enumerated() where isSeen[position] {
            isDiagnosisSeen[Int(diagnosis)] = true
        }
        clinic.herbs = herbs.vocabulary(of: herbSpellings, seen: isSeen)
        clinic.conditions = conditions.vocabulary(of: conditionSpellings, seen: isDiagnosisSeen)
    }

    private func known<Value>(_ value: Value?, _ column: String) throws -> Value {
        guard let value else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "\(column) holds what is not known")
        }
        return value
    }
}

/// The spellings of one kind, with terms numbered by position.
private struct SpellingColumn {
    /// The position of the term of each spelling, by the spelling's number.
    private(set) var term: [Int32] = [-1]
    private var text: [String] = [""]
    private var terms: [TermID] = []

    init(_ db: GRDB.Database, kind: TermKind) throws {
        let statement = try Statement(
            db, "SELECT spelling_id, term_id, text FROM spellings WHERE kind = ? ORDER BY spelling_id")
        statement.bind(kind.rawValue, at: 1)
        var positions: [TermID: Int32] = [:]
        while try statement.step() {
            let spelling = Int(statement.int64(0))
            while term.count <= spelling {
                term.append(-1)
                text.append("")
            }
            let id = TermID(rawValue: statement.int64(1))
            let position = positions[id] ?? Int32(terms.count)
            if position == terms.count {
                positions[id] = position
                terms.append(id)
            }
            term[spelling] = position
            text[spelling] = statement.text(2) ?? ""
        }
    }

    /// The terms with the first spelling, in the order of the records, of a record that is seen.
    func vocabulary(of spellings: [Int32], seen: [Bool]) -> Vocabulary {
        var vocabulary = Vocabulary()
        vocabulary.terms = terms
        vocabulary.names = [String](repeating: "", count: terms.count)
        var isNamed = [Bool](repeating: false, count: terms.count)
        for (record, spelling) in spellings.enumerated() where seen[record] && !isNamed[Int(term[Int(spelling)])] {
            isNamed[Int(term[Int(spelling)])] = true
            vocabulary.names[Int(term[Int(spelling)])] = text[Int(spelling)]
        }
        return vocabulary
    }
}

/// Finds the position of an identifier in an ascending column.
private struct PositionIndex<Record> {
    private let ids: [Identifier<Record>]
    /// Position by number, where numbers lie close enough together; -1 where there is none.
    private var direct: [Int32] = []

    init(_ ids: [Identifier<Record>]) {
        self.ids = ids
        guard let last = ids.last, last.rawValue <= Int64(4 * ids.count + 1024) else { return }
        direct = [Int32](repeating: -1, count: Int(last.rawValue) + 1)
        for (position, id) in ids.enumerated() {
            direct[Int(id.rawValue)] = Int32(position)
        }
    }

    subscript(id: Identifier<Record>) -> Int32? {
        if !direct.isEmpty {
            guard id.rawValue < direct.count, direct[Int(id.rawValue)] >= 0 else { return nil }
            return direct[Int(id.rawValue)]
        }
        return ids.sortedPosition(of: id).map { Int32($0) }
    }
}
