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
