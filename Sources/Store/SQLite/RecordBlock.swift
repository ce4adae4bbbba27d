import Domain
import GRDB

/// A narrow copy of neighbouring records of a kind, from which they are read several times as fast as from their table.
///
/// The database itself keeps copies true: a trigger takes a block away with each record in it that is written, by whomever. Who
/// reads the records puts it back.
struct RecordBlock: Sendable {
    /// How many bits of a record's number tell those of a block apart.
    static let keyBits: Int64 = 12

    /// The kind and the high bits of the records' numbers.
    let number: Int64
    let bytes: [UInt8]

    /// Has the database take away the copies of what is written.
    static func addTriggers(_ db: GRDB.Database) throws {
        let kinds: [any PackedRecord.Type] = [
            PatientRecord.self, DiagnosisRecord.self, RecommendationRecord.self, FeedbackRecord.self,
        ]
        for kind in kinds {
            let (table, key, _) = kind.source
            func removal(_ row: String) -> String {
                "DELETE FROM record_blocks WHERE block = \(kind.number(of: 0)) + (\(row).\(key) >> \(keyBits));"
            }
            for (event, removals) in [
                ("INSERT", removal("NEW")), ("UPDATE", removal("OLD") + removal("NEW")), ("DELETE", removal("OLD")),
            ] {
                try db.execute(
                    sql: """
                        CREATE TRIGGER \(table)_\(event.lowercased())_blocks AFTER \(event) ON \(table) BEGIN
                            \(removals)
                        END
                        """)
            }
        }
    }
}

/// A record as blocks hold it: numbers that refer to others, of which most are close to those of the record before.
protocol PackedRecord: Sendable {
    /// The table, its key and its other columns.
    static var source: (table: String, key: String, columns: String) { get }
    /// What blocks of the kind have in the highest bits of their numbers; stored, so it never changes.
    static var kind: Int64 { get }

    /// Something to begin with.
    init()
    /// Reads a row with the key before the other columns.
    init(row: Statement) throws

    var id: Int64 { get }

    /// Writes all but the key.
    func write(to block: inout PackedWriter, after last: Self)
    /// Reads what `write` wrote.
    init(id: Int64, from block: inout PackedReader, after last: Self)
}

extension PackedRecord {
    /// The block that a record stands in, without its kind.
    static func place(of id: Int64) -> Int64 { id >> RecordBlock.keyBits }

    /// The number of a block.
    static func number(of place: Int64) -> Int64 { kind << 56 | place }

    /// Calls `body` with the records of a block.
    ///
    /// - Returns: whether it could be read as a whole.
    static func forEach(in bytes: UnsafeRawBufferPointer, place: Int64, _ body: (Self) throws -> Void) rethrows -> Bool
    {
        var reader = PackedReader(bytes)
        var last = Self()
        var id = place << RecordBlock.keyBits
        while !reader.isAtEnd {
            id += reader.count()
            let record = Self(id: id, from: &reader, after: last)
            if reader.isBroken { return false }
            try body(record)
            last = record
        }
        return true
    }
}

/// Writes blocks of records that come by ascending number.
struct RecordPacker<Record: PackedRecord> {
    private(set) var blocks: [RecordBlock] = []
    private var block = PackedWriter()
    private var place: Int64?
    private var last = Record()

    mutating func append(_ record: Record) {
        let place = Record.place(of: record.id)
        var before = last.id
        if place != self.place {
            end()
            self.place = place
            before = place << RecordBlock.keyBits
        }
        block.append(count: record.id - before)
        record.write(to: &block, after: last)
        last = record
    }

    mutating func end() {
        if let place { blocks.append(RecordBlock(number: Record.number(of: place), bytes: block.bytes)) }
        place = nil
        last = Record()
        block.removeAll()
    }
}

struct PatientRecord: PackedRecord {
    static let source = (table: "patients", key: "patient_id", columns: "mizaj, sex, birth_year")
    static let kind: Int64 = 0

    var id: Int64 = 0
    private var traits: UInt8 = 0
    /// `PatientColumns.unknownYear` where nobody knows.
    private(set) var birthYear: Int16 = 0

    var mizaj: Mizaj { Self.mizaj[Int(traits >> 2)] }
    var sex: Sex? { traits & 3 == 0 ? nil : traits & 3 == 1 ? .female : .male }

    private static let mizaj = Mizaj.allCases

    init() {}

    init(row: Statement) throws {
        guard let mizaj = row.text(1).flatMap(Mizaj.init) else { throw DatabaseError.unknown("patients.mizaj") }
        let sex = row.text(2)
        guard sex == nil || sex.flatMap(Sex.init) != nil else { throw DatabaseError.unknown("patients.sex") }
        id = row.int64(0)
        traits = UInt8(mizaj.ordinal) << 2 | (sex.flatMap(Sex.init).map { $0 == .female ? 1 : 2 } ?? 0)
        birthYear = row.isNull(3) ? PatientColumns.unknownYear : Int16(clamping: row.int64(3))
    }

    func write(to block: inout PackedWriter, after last: Self) {
        block.append(traits)
        block.append(difference: Int64(birthYear) - Int64(last.birthYear))
    }

    init(id: Int64, from block: inout PackedReader, after last: Self) {
        self.id = id
        traits = min(block.byte(), UInt8(4 * Self.mizaj.count - 1))
        birthYear = Int16(truncatingIfNeeded: Int64(last.birthYear) + block.difference())
    }
}

struct DiagnosisRecord: PackedRecord {
    static let source = (
        table: "diagnoses", key: "diagnosis_id", columns: "patient_id, condition_id, symptom_set_id, created_at"
    )
    static let kind: Int64 = 1

    var id: Int64 = 0
    private(set) var patient: Int64 = 0
    /// The spelling.
    private(set) var condition: Int32 = 0
    private(set) var symptomSet: Int32 = 0
    private(set) var createdAt: Int64 = 0

    init() {}

    init(row: Statement) {
        id = row.int64(0)
        patient = row.int64(1)
        condition = row.int32(2)
        symptomSet = row.int32(3)
        createdAt = row.int64(4)
    }

    func write(to block: inout PackedWriter, after last: Self) {
        block.append(difference: patient - last.patient)
        block.append(count: condition)
        block.append(count: symptomSet)
        block.append(instant: createdAt, after: last.createdAt)
    }

    init(id: Int64, from block: inout PackedReader, after last: Self) {
        self.id = id
        patient = last.patient + block.difference()
        condition = block.count32()
        symptomSet = block.count32()
        createdAt = block.instant(after: last.createdAt)
    }
}

struct RecommendationRecord: PackedRecord {
    static let source = (
        table: "recommendations", key: "recommendation_id", columns: "diagnosis_id, herb_id, created_at"
    )
    static let kind: Int64 = 2

    var id: Int64 = 0
    private(set) var diagnosis: Int64 = 0
    /// The spelling.
    private(set) var herb: Int32 = 0
    private(set) var createdAt: Int64 = 0

    init() {}

    init(row: Statement) {
        id = row.int64(0)
        diagnosis = row.int64(1)
        herb = row.int32(2)
        createdAt = row.int64(3)
    }

    func write(to block: inout PackedWriter, after last: Self) {
        block.append(difference: diagnosis - last.diagnosis)
        block.append(count: herb)
        block.append(instant: createdAt, after: last.createdAt)
    }

    init(id: Int64, from block: inout PackedReader, after last: Self) {
        self.id = id
        diagnosis = last.diagnosis + block.difference()
        herb = block.count32()
        createdAt = block.instant(after: last.createdAt)
    }
}

struct FeedbackRecord: PackedRecord {
    static let source = (
        table: "feedback", key: "feedback_id",
        columns: "recommendation_id, rating, improvement, compliance, created_at, import_id, deleted_at"
    )
    static let kind: Int64 = 3
    /// Most compliances are said in whole hundredths.
    private static let hundredth = Int32(Compliance.scale) / 100

    var id: Int64 = 0
    private(set) var recommendation: Int64 = 0
    /// Three bits of the rating, three of the improvement, and whether it was withdrawn.
    private var judgement: UInt8 = 0
    /// `CaseColumns.unsaid` where it was not said.
    private(set) var compliance: Int32 = 0
    private(set) var createdAt: Int64 = 0
    private(set) var importID: Int32 = 0

    @inline(__always) var rating: UInt8 { judgement & 7 }
    /// 0 where it was not said.
    @inline(__always) var improvement: UInt8 { judgement >> 3 & 7 }
    @inline(__always) var isWithdrawn: Bool { judgement >> 6 != 0 }

    init() {}

    init(row: Statement) {
        id = row.int64(0)
        recommendation = row.int64(1)
        judgement =
            UInt8(truncatingIfNeeded: row.int64(2) & 7) | UInt8(truncatingIfNeeded: row.int64(3) & 7) << 3
            | (row.isNull(7) ? 0 : 1 << 6)
        compliance = row.isNull(4) ? CaseColumns.unsaid : row.int32(4)
        createdAt = row.int64(5)
        importID = row.int32(6)
    }

    func write(to block: inout PackedWriter, after last: Self) {
        block.append(difference: recommendation - last.recommendation)
        block.append(judgement)
        let isWhole = compliance >= 0 && compliance % Self.hundredth == 0
        block.append(
            count: compliance < 0
                ? 0 : isWhole ? Int64(compliance / Self.hundredth) << 1 | 1 : Int64(compliance) << 1 + 2)
        block.append(instant: createdAt, after: last.createdAt)
        block.append(difference: Int64(importID) - Int64(last.importID))
    }

    @inline(__always)
    init(id: Int64, from block: inout PackedReader, after last: Self) {
        self.id = id
        recommendation = last.recommendation + block.difference()
        judgement = block.byte()
        let said = block.count()
        compliance =
            said == 0
            ? CaseColumns.unsaid
            : Int32(truncatingIfNeeded: said & 1 == 1 ? (said >> 1) * Int64(Self.hundredth) : (said - 2) >> 1)
        createdAt = block.instant(after: last.createdAt)
        importID = Int32(truncatingIfNeeded: Int64(last.importID) + block.difference())
    }
}

extension PackedWriter {
    /// Microseconds, most often in whole seconds.
    fileprivate mutating func append(instant: Int64, after last: Int64) {
        let difference = instant - last
        let isWhole = difference % 1_000_000 == 0
        append(difference: isWhole ? (difference / 1_000_000) << 1 : difference << 1 | 1)
    }
}

extension PackedReader {
    @inline(__always)
    fileprivate mutating func instant(after last: Int64) -> Int64 {
        let difference = difference()
        return last + (difference & 1 == 0 ? (difference >> 1) * 1_000_000 : difference >> 1)
    }
}

extension DatabaseError {
    static func unknown(_ column: String) -> DatabaseError {
        DatabaseError(resultCode: .SQLITE_CORRUPT, message: "\(column) holds what is not known")
    }
}
