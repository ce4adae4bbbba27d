import Concurrency
import Domain
import GRDB
import Store

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

    /// - Returns: the clinic, and the blocks of records of which there was no copy.
    func clinic() throws -> (clinic: Clinic, missing: [RecordBlock]) {
        var clinic = Clinic(asOf: asOf)
        var missing: [RecordBlock] = []
        let (conditions, herbs) = try one { piece in
            clinic.symptomSets = try piece.symptomSets()
            clinic.version = try ClinicChanges(db: piece.db).newest()
            return (try SpellingColumn(piece.db, kind: .condition), try SpellingColumn(piece.db, kind: .herb))
        }
        var patients = try inPieces(&missing) { try $0.patients($1) }
        clinic.patients = PatientColumns(joining: &patients, \.self)
        let patientIndex = PositionIndex(clinic.patients.ids)
        let setCount = Int32(clinic.symptomSets.count)
        var diagnoses = try inPieces(&missing) { try $0.diagnoses($1, patientIndex, conditions, setCount: setCount) }
        clinic.diagnoses = DiagnosisColumns(joining: &diagnoses, \.columns)
        let diagnosisIndex = PositionIndex(clinic.diagnoses.ids)
        var recommendations = try inPieces(&missing) { try $0.recommendations($1, diagnosisIndex, herbs) }
        clinic.recommendations = RecommendationColumns(joining: &recommendations, \.columns)
        let recommendationIndex = PositionIndex(clinic.recommendations.ids)
        var feedback = try inPieces(&missing) { try $0.feedback($1, recommendationIndex) }
        clinic.cases = CaseColumns(joining: &feedback, \.self)
        nameTerms(
            in: &clinic, conditions, diagnoses.lazy.map(\.spellings).joined(), herbs,
            recommendations.lazy.map(\.spellings).joined())
        return (clinic, missing)
    }

    // MARK: Pieces

    private func one<Value>(_ body: (PieceReader) throws -> Value) throws -> Value {
        switch access {
        case .one(let db): try body(PieceReader(db, asOf: asOf, zone: zone))
        case .eachOwn(let connections): try connections.read { try body(PieceReader($0, asOf: asOf, zone: zone)) }
        }
    }

    /// What `body` reads of a kind of record, by ascending number.
    private func inPieces<Record: PackedRecord, Piece: Sendable>(
        _ missing: inout [RecordBlock], _ body: @Sendable (PieceReader, RecordSpan<Record>) throws -> Piece
    ) throws -> [Piece] {
        guard let (first, last) = try one({ try Record.ends($0.db) }) else { return [] }
        let places = Record.place(of: first)...Record.place(of: last)
        let size = last - first  // numbers are positive
        guard case .eachOwn(let connections) = access, size >= Self.sizeOfPiece else {
            let (piece, blocks) = try one { piece in (try body(piece, RecordSpan(places: places)), piece.missing) }
            missing += blocks
            return [piece]
        }
        let (asOf, zone) = (asOf, zone)
        let count = min(Self.mostPieces, size / Self.sizeOfPiece + 1)
        // In whole blocks; several records of neighbouring numbers make one.
        @Sendable func start(_ piece: Int64) -> Int64 {
            let blocks = places.upperBound - places.lowerBound + 1
            return places.lowerBound + blocks * piece / count
        }
        let pieces = try concurrently(Int(count)) { index in
            let span = RecordSpan<Record>(places: start(Int64(index))...start(Int64(index) + 1) - 1)
            return try connections.read { db in
                let reader = PieceReader(db, asOf: asOf, zone: zone)
                return (piece: try body(reader, span), missing: reader.missing)
            }
        }
        missing += pieces.flatMap(\.missing)
        return pieces.map(\.piece)
    }

    // MARK: Names

    /// Gives each term the spelling of the smallest id that the as-of day sees: records made up to that day, or with a
    /// case.
    private func nameTerms(
        in clinic: inout Clinic, _ conditions: SpellingColumn, _ conditionSpellings: some Sequence<Int32>,
        _ herbs: SpellingColumn, _ herbSpellings: some Sequence<Int32>
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

/// Records of a kind, in whole blocks.
private struct RecordSpan<Record: PackedRecord>: Sendable {
    let places: ClosedRange<Int64>
}

/// Reads the records of a span, from their narrow copies where there are any.
private final class PieceReader {
    let db: GRDB.Database
    private let asOf: Day
    private let days: DayFinder
    /// Blocks of which there was no copy.
    private(set) var missing: [RecordBlock] = []

    init(_ db: GRDB.Database, asOf: Day, zone: ClinicTimeZone) {
        self.db = db
        self.asOf = asOf
        days = DayFinder(zone: zone)
    }

    private func forEach<Record: PackedRecord>(in span: RecordSpan<Record>, _ body: (Record) throws -> Void) throws {
        let copies = try Statement(
            db, "SELECT block, columns FROM record_blocks WHERE block BETWEEN ? AND ? ORDER BY block")
        copies.bind(Record.number(of: span.places.lowerBound), at: 1)
        copies.bind(Record.number(of: span.places.upperBound), at: 2)
        let rows = try Record.selection(db)
        var packer = RecordPacker<Record>()
        /// Reads blocks from the table.
        func read(_ places: Range<Int64>) throws {
            guard !places.isEmpty else { return }
            rows.bind(RecordBlock.numbers(of: places.lowerBound).lowerBound, at: 1)
            rows.bind(RecordBlock.numbers(of: places.upperBound - 1).upperBound, at: 2)
            while try rows.step() {
                let record = try Record(row: rows)
                try body(record)
                packer.append(record)
            }
            packer.end()
        }
        var next = span.places.lowerBound
        while try copies.step() {
            let place = copies.int64(0) - Record.number(of: 0)
            try read(next..<place)
            guard try Record.forEach(in: copies.bytes(1), place: place, body) else {
                throw DatabaseError.unknown("record_blocks")
            }
            next = place + 1
        }
        try read(next..<span.places.upperBound + 1)
        missing += packer.blocks
    }

    /// About how many records a span has, to make room for: columns that grow are copied again and again.
    ///
    /// It is the most that its copies can hold; where there are few, as many as if the records stood everywhere as close as
    /// in the first block, but no more than the file has room for.
    private func room<Record>(for span: RecordSpan<Record>) throws -> Int {
        let size = try Statement(db, "SELECT sum(length(columns)) FROM record_blocks WHERE block BETWEEN ? AND ?")
        size.bind(Record.number(of: span.places.lowerBound), at: 1)
        size.bind(Record.number(of: span.places.upperBound), at: 2)
        let copied = try size.step() ? Int(size.int64(0)) / Record.fewestBytes : 0
        let (table, key, _) = Record.source
        let first = try Statement(db, "SELECT count(*) FROM \(table) WHERE \(key) BETWEEN ? AND ?")
        let numbers = RecordBlock.numbers(of: span.places.lowerBound)
        first.bind(numbers.lowerBound, at: 1)
        first.bind(numbers.upperBound, at: 2)
        let inFirst = try first.step() ? Int(first.int64(0)) : 0
        let (everywhere, isTooMuch) = inFirst.multipliedReportingOverflow(by: span.places.count)
        let most = try SQLiteDatabase.mostRows(db)
        return max(copied, isTooMuch ? most : min(everywhere, most))
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
        let most = Int64(try SQLiteDatabase.mostRows(db))
        while try statement.step() {
            guard 1...most ~= statement.int64(0) else { throw DatabaseError.unknown("symptom_sets.symptom_set_id") }
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

    func patients(_ span: RecordSpan<PatientRecord>) throws -> PatientColumns {
        var patients = PatientColumns()
        patients.reserveCapacity(try room(for: span))
        try forEach(in: span) { record in
            patients.ids.append(PatientID(rawValue: record.id))
            patients.mizaj.append(record.mizaj)
            patients.sex.append(record.sex)
            patients.birthYear.append(record.birthYear)
        }
        return patients
    }

    /// - Returns: the diagnoses, and the spelling of the condition of each.
    func diagnoses(
        _ span: RecordSpan<DiagnosisRecord>, _ patients: PositionIndex<Patient>, _ conditions: SpellingColumn,
        setCount: Int32
    ) throws -> (columns: DiagnosisColumns, spellings: [Int32]) {
        var diagnoses = DiagnosisColumns()
        var spellings: [Int32] = []
        let room = try room(for: span)
        diagnoses.reserveCapacity(room)
        spellings.reserveCapacity(room)
        var days = days
        try forEach(in: span) { record in
            diagnoses.ids.append(DiagnosisID(rawValue: record.id))
            diagnoses.patient.append(
                try known(patients[PatientID(rawValue: record.patient)], "diagnoses.patient_id"))
            diagnoses.condition.append(try known(conditions[record.condition], "diagnoses.condition_id"))
            guard 1...setCount ~= record.symptomSet else { throw DatabaseError.unknown("diagnoses.symptom_set_id") }
            diagnoses.symptoms.append(record.symptomSet - 1)
            diagnoses.createdOn.append(
                days.day(of: try known(Instant(stored: record.createdAt), "diagnoses.created_at")))
            spellings.append(record.condition)
        }
        return (diagnoses, spellings)
    }

    /// - Returns: the recommendations, and the spelling of the herb of each.
    func recommendations(
        _ span: RecordSpan<RecommendationRecord>, _ diagnoses: PositionIndex<Diagnosis>, _ herbs: SpellingColumn
    ) throws -> (columns: RecommendationColumns, spellings: [Int32]) {
        var recommendations = RecommendationColumns()
        var spellings: [Int32] = []
        let room = try room(for: span)
        recommendations.reserveCapacity(room)
        spellings.reserveCapacity(room)
        var days = days
        try forEach(in: span) { record in
            recommendations.ids.append(RecommendationID(rawValue: record.id))
            recommendations.diagnosis.append(
                try known(diagnoses[DiagnosisID(rawValue: record.diagnosis)], "recommendations.diagnosis_id"))
            recommendations.herb.append(try known(herbs[record.herb], "recommendations.herb_id"))
            recommendations.createdOn.append(
                days.day(of: try known(Instant(stored: record.createdAt), "recommendations.created_at")))
            spellings.append(record.herb)
        }
        return (recommendations, spellings)
    }

    /// - Returns: the feedback that counts.
    func feedback(
        _ span: RecordSpan<FeedbackRecord>, _ recommendations: PositionIndex<Recommendation>
    ) throws -> CaseColumns {
        var cases = CaseColumns()
        cases.reserveCapacity(try room(for: span))
        var days = days
        try forEach(in: span) { record in
            let createdAt = try known(Instant(stored: record.createdAt), "feedback.created_at")
            guard record.isPossible else { throw DatabaseError.unknown("feedback") }
            let day = days.day(of: createdAt)
            if day > asOf { return }
            let recommendation = try known(
                recommendations[RecommendationID(rawValue: record.recommendation)], "feedback.recommendation_id")
            if record.isWithdrawn { return }
            cases.ids.append(FeedbackID(rawValue: record.id))
            cases.recommendation.append(recommendation)
            cases.rating.append(record.rating)
            cases.improvement.append(record.improvement)
            cases.compliance.append(record.compliance)
            cases.createdAt.append(createdAt)
            cases.day.append(day)
        }
        return cases
    }

    private func known<Value>(_ value: Value?, _ column: String) throws -> Value {
        guard let value else { throw DatabaseError.unknown(column) }
        return value
    }
}
