import Dispatch
import Domain
import GRDB
import Synchronization

/// Reads the tables of records into columns, each in pieces that several cores read at once.
struct ClinicReader {
    /// The records are others than when the reading began.
    struct Moved: Error {}

    /// By which connections it reads.
    enum Access {
        /// One that sees one moment.
        case one(GRDB.Database)
        /// One for each piece.
        case eachOwn(OwnConnections)
    }

    /// Connections that must all see one version.
    struct OwnConnections: Sendable {
        let database: SQLiteDatabase
        let version: ClinicVersion

        fileprivate func read<Value>(_ body: (GRDB.Database) throws -> Value) throws -> Value {
            try database.read { db in
                guard try ClinicChanges(db: db).newest() == version else { throw Moved() }
                return try body(db)
            }
        }
    }

    /// Numbers that are worth a piece of their own.
    private static let sizeOfPiece: Int64 = 200_000
    private static let mostPieces: Int64 = 8

    let asOf: Day
    let zone: ClinicTimeZone
    let access: Access

    func clinic() throws -> Clinic {
        var clinic = Clinic(asOf: asOf)
        let (conditions, herbs) = try one { piece in
            clinic.symptomSets = try piece.symptomSets()
            clinic.firstImports = try piece.firstImports()
            clinic.version = try ClinicChanges(db: piece.db).newest()
            return (try SpellingColumn(piece.db, kind: .condition), try SpellingColumn(piece.db, kind: .herb))
        }
        clinic.patients = PatientColumns(try inPieces("patients", "patient_id") { try $0.patients($1) })
        let patients = PositionIndex(clinic.patients.ids)
        let diagnosed = try inPieces("diagnoses", "diagnosis_id") { try $0.diagnoses($1, patients, conditions) }
        clinic.diagnoses = DiagnosisColumns(diagnosed.map(\.columns))
        let diagnoses = PositionIndex(clinic.diagnoses.ids)
        let recommended = try inPieces("recommendations", "recommendation_id") {
            try $0.recommendations($1, diagnoses, herbs)
        }
        clinic.recommendations = RecommendationColumns(recommended.map(\.columns))
        let recommendations = PositionIndex(clinic.recommendations.ids)
        let feedback = try inPieces("feedback", "feedback_id") { try $0.feedback($1, recommendations) }
        clinic.cases = CaseColumns(feedback.map(\.cases))
        clinic.withdrawn = CaseColumns(feedback.map(\.withdrawn))
        nameTerms(
            in: &clinic, conditions, Array(diagnosed.map(\.spellings).joined()), herbs,
            Array(recommended.map(\.spellings).joined()))
        return clinic
    }

    // MARK: Pieces

    private func one<Value>(_ body: (PieceReader) throws -> Value) throws -> Value {
        switch access {
        case .one(let db): try body(PieceReader(db, asOf: asOf, zone: zone))
        case .eachOwn(let connections): try connections.read { try body(PieceReader($0, asOf: asOf, zone: zone)) }
        }
    }

    /// What `body` reads of a table, by ascending number.
    private func inPieces<Piece: Sendable>(
        _ table: String, _ key: String, _ body: @Sendable (PieceReader, ClosedRange<Int64>) throws -> Piece
    ) throws -> [Piece] {
        // Both asked at once would look at every row.
        let numbers = try one { piece in
            try GRDB.Row.fetchOne(
                piece.db,
                sql: "SELECT (SELECT min(\(key)) FROM \(table)) AS first, (SELECT max(\(key)) FROM \(table)) AS last")
        }
        guard let first: Int64 = numbers?["first"], let last: Int64 = numbers?["last"] else { return [] }
        let size = last - first  // numbers are positive
        guard case .eachOwn(let connections) = access, size >= Self.sizeOfPiece else {
            return [try one { try body($0, first...last) }]
        }
        let (asOf, zone) = (asOf, zone)
        let count = min(Self.mostPieces, size / Self.sizeOfPiece + 1)
        let pieces = Mutex([Int: Result<Piece, any Error>]())
        DispatchQueue.concurrentPerform(iterations: Int(count)) { index in
            let start = first + size / count * Int64(index)
            let end = index == Int(count) - 1 ? last : start + size / count - 1
            let piece = Result {
                try connections.read { try body(PieceReader($0, asOf: asOf, zone: zone), start...end) }
            }
            pieces.withLock { $0[index] = piece }
        }
        return try pieces.withLock { pieces in try (0..<Int(count)).compactMap { try pieces[$0]?.get() } }
    }

    // MARK: Names

    /// Gives each term the spelling of the smallest id that the as-of day sees: records made up to that day, or with a
    /// case.
    private func nameTerms(
        in clinic: inout Clinic, _ conditions: SpellingColumn, _ conditionSpellings: [Int32], _ herbs: SpellingColumn,
        _ herbSpellings: [Int32]
    ) {
        var isSeen = clinic.recommendations.createdOn.map { $0 <= asOf }
        for recommendation in clinic.cases.recommendation {
            isSeen[Int(recommendation)] = true
        }
        var isDiagnosisSeen = clinic.diagnoses.createdOn.map { $0 <= asOf }
        for (position, diagnosis) in clinic.recommendations.diagnosis.enumerated() where isSeen[position] {
            isDiagnosisSeen[Int(diagnosis)] = true
        }
        clinic.herbs = herbs.vocabulary(of: herbSpellings, seen: isSeen)
        clinic.conditions = conditions.vocabulary(of: conditionSpellings, seen: isDiagnosisSeen)
    }
}

/// Reads the records of a table whose numbers lie in a range.
private final class PieceReader {
    let db: GRDB.Database
    private let asOf: Day
    private var days: DayFinder

    init(_ db: GRDB.Database, asOf: Day, zone: ClinicTimeZone) {
        self.db = db
        self.asOf = asOf
        days = DayFinder(zone: zone)
    }

    /// A statement whose first two parameters are the numbers.
    private func statement(_ sql: String, _ numbers: ClosedRange<Int64>) throws -> Statement {
        let statement = try Statement(db, sql)
        statement.bind(numbers.lowerBound, at: 1)
        statement.bind(numbers.upperBound, at: 2)
        return statement
    }

    func symptomSets() throws -> SymptomSets {
        var sets = SymptomSets()
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
                if current > 0 { sets.append(members) }
                members.removeAll(keepingCapacity: true)
                current += 1
            }
            if !statement.isNull(1) { members.append(statement.int32(1)) }
        }
        if current > 0 { sets.append(members) }
        return sets
    }

    func patients(_ numbers: ClosedRange<Int64>) throws -> PatientColumns {
        let statement = try statement(
            """
            SELECT patient_id, mizaj, sex, birth_year FROM patients WHERE patient_id BETWEEN ? AND ?
            ORDER BY patient_id
            """, numbers)
        var patients = PatientColumns()
        while try statement.step() {
            patients.ids.append(PatientID(rawValue: statement.int64(0)))
            patients.mizaj.append(try known(statement.text(1).flatMap(Mizaj.init), "patients.mizaj"))
            patients.sex.append(try statement.text(2).map { try known(Sex(rawValue: $0), "patients.sex") })
            patients.birthYear.append(
                statement.isNull(3) ? PatientColumns.unknownYear : Int16(clamping: statement.int64(3)))
        }
        return patients
    }

    /// - Returns: the diagnoses, and the spelling of the condition of each.
    func diagnoses(
        _ numbers: ClosedRange<Int64>, _ patients: PositionIndex<Patient>, _ conditions: SpellingColumn
    ) throws -> (columns: DiagnosisColumns, spellings: [Int32]) {
        let statement = try statement(
            """
            SELECT diagnosis_id, patient_id, condition_id, symptom_set_id, created_at
            FROM diagnoses WHERE diagnosis_id BETWEEN ? AND ? ORDER BY diagnosis_id
            """, numbers)
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
        return (diagnoses, spellings)
    }

    /// - Returns: the recommendations, and the spelling of the herb of each.
    func recommendations(
        _ numbers: ClosedRange<Int64>, _ diagnoses: PositionIndex<Diagnosis>, _ herbs: SpellingColumn
    ) throws -> (columns: RecommendationColumns, spellings: [Int32]) {
        let statement = try statement(
            """
            SELECT recommendation_id, diagnosis_id, herb_id, created_at
            FROM recommendations WHERE recommendation_id BETWEEN ? AND ? ORDER BY recommendation_id
            """, numbers)
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
        return (recommendations, spellings)
    }

    /// - Returns: what counts, and what was withdrawn.
    func feedback(
        _ numbers: ClosedRange<Int64>, _ recommendations: PositionIndex<Recommendation>
    ) throws -> (cases: CaseColumns, withdrawn: CaseColumns) {
        let statement = try statement(
            """
            SELECT feedback_id, recommendation_id, rating, improvement, compliance, created_at, import_id, deleted_at
            FROM feedback WHERE feedback_id BETWEEN ? AND ? AND created_at < ? ORDER BY feedback_id
            """, numbers)
        statement.bind(CaseSpan.end(of: asOf), at: 3)
        var cases = CaseColumns()
        var withdrawn = CaseColumns()
        while try statement.step() {
            let createdAt = Instant(microseconds: statement.int64(5))
            let day = days.day(of: createdAt)
            if day > asOf { continue }
            let recommendation = try known(
                recommendations[RecommendationID(rawValue: statement.int64(1))], "feedback.recommendation_id")
            func append(to columns: inout CaseColumns) {
                columns.ids.append(FeedbackID(rawValue: statement.int64(0)))
                columns.recommendation.append(recommendation)
                columns.rating.append(UInt8(truncatingIfNeeded: statement.int64(2)))
                columns.improvement.append(UInt8(truncatingIfNeeded: statement.int64(3)))  // NULL reads as 0
                columns.compliance.append(statement.isNull(4) ? CaseColumns.unsaid : statement.int32(4))
                columns.createdAt.append(createdAt)
                columns.day.append(day)
                columns.lastImport.append(statement.int32(6))
            }
            if statement.isNull(7) { append(to: &cases) } else { append(to: &withdrawn) }
        }
        return (cases, withdrawn)
    }

    func firstImports() throws -> [FeedbackID: Int32] {
        var imports: [FeedbackID: Int32] = [:]
        let statement = try Statement(db, "SELECT feedback_id, import_id FROM feedback_origins")
        while try statement.step() {
            imports[FeedbackID(rawValue: statement.int64(0))] = statement.int32(1)
        }
        return imports
    }

    private func known<Value>(_ value: Value?, _ column: String) throws -> Value {
        guard let value else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "\(column) holds what is not known")
        }
        return value
    }
}

/// The spellings of one kind, with terms numbered by position.
private struct SpellingColumn: Sendable {
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
private struct PositionIndex<Record>: Sendable {
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
