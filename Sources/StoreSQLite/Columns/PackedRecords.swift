import Domain
import GRDB
import Store

// What runs read of each kind of record. Numbers of damaged ones may be anything; what they refer to is looked up by the reader.

struct PatientRecord: PackedRecord {
    static let source = (table: "patients", key: "patient_id", columns: "mizaj, sex, birth_year")
    static let kind: Int64 = 0
    static let fewestBytes = 3

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

    func write(to block: inout ByteWriter, after last: Self) {
        block.append(traits)
        block.append(difference: Int64(birthYear) - Int64(last.birthYear))
    }

    init(id: Int64, from block: inout ByteReader, after last: Self) {
        self.id = id
        traits = min(block.byte(), UInt8(4 * Self.mizaj.count - 1))
        birthYear = Int16(truncatingIfNeeded: Int64(last.birthYear) &+ block.difference())
    }
}

struct DiagnosisRecord: PackedRecord {
    static let source = (
        table: "diagnoses", key: "diagnosis_id", columns: "patient_id, condition_id, symptom_set_id, created_at"
    )
    static let kind: Int64 = 1
    static let fewestBytes = 5

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

    func write(to block: inout ByteWriter, after last: Self) {
        block.append(difference: patient &- last.patient)
        block.append(count: condition)
        block.append(count: symptomSet)
        block.append(instant: createdAt, after: last.createdAt)
    }

    init(id: Int64, from block: inout ByteReader, after last: Self) {
        self.id = id
        patient = last.patient &+ block.difference()
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
    static let fewestBytes = 4

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

    func write(to block: inout ByteWriter, after last: Self) {
        block.append(difference: diagnosis &- last.diagnosis)
        block.append(count: herb)
        block.append(instant: createdAt, after: last.createdAt)
    }

    init(id: Int64, from block: inout ByteReader, after last: Self) {
        self.id = id
        diagnosis = last.diagnosis &+ block.difference()
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
    static let fewestBytes = 6
    /// Most compliances are said in whole hundredths.
    private static let hundredth = Int32(Compliance.scale) / 100

    var id: Int64 = 0
    private(set) var recommendation: Int64 = 0
    /// Three bits of the rating, three of the improvement, and whether it was withdrawn.
    private var judgement: UInt8 = 0
    /// `CaseColumns.unsaid` where it was not said.
    private(set) var compliance: Int32 = 0
    private(set) var createdAt: Int64 = 0
    /// It is part of the stored form, and nobody reads it.
    private var importID: Int32 = 0

    @inline(__always) var rating: UInt8 { judgement & 7 }
    /// 0 where it was not said.
    @inline(__always) var improvement: UInt8 { judgement >> 3 & 7 }
    @inline(__always) var isWithdrawn: Bool { judgement >> 6 != 0 }
    /// Whether a patient can have said so.
    @inline(__always) var isPossible: Bool {
        1...5 ~= rating && improvement <= 5 && CaseColumns.unsaid...Compliance.scale ~= compliance
    }

    init() {}

    init(row: Statement) {
        id = row.int64(0)
        recommendation = row.int64(1)
        func threeBits(_ column: Int32) -> UInt8 { UInt8(max(0, min(row.int64(column), 7))) }
        judgement = threeBits(2) | threeBits(3) << 3 | (row.isNull(7) ? 0 : 1 << 6)
        compliance = row.isNull(4) ? CaseColumns.unsaid : row.int32(4)
        createdAt = row.int64(5)
        importID = row.int32(6)
    }

    func write(to block: inout ByteWriter, after last: Self) {
        block.append(difference: recommendation &- last.recommendation)
        block.append(judgement)
        let isWhole = compliance >= 0 && compliance % Self.hundredth == 0
        block.append(
            count: compliance < 0
                ? 0 : isWhole ? Int64(compliance / Self.hundredth) << 1 | 1 : Int64(compliance) << 1 + 2)
        block.append(instant: createdAt, after: last.createdAt)
        block.append(difference: Int64(importID) - Int64(last.importID))
    }

    @inline(__always)
    init(id: Int64, from block: inout ByteReader, after last: Self) {
        self.id = id
        recommendation = last.recommendation &+ block.difference()
        judgement = block.byte()
        let said = block.count()
        compliance =
            said == 0
            ? CaseColumns.unsaid
            : Int32(truncatingIfNeeded: said & 1 == 1 ? (said >> 1) &* Int64(Self.hundredth) : (said - 2) >> 1)
        createdAt = block.instant(after: last.createdAt)
        importID = Int32(truncatingIfNeeded: Int64(last.importID) &+ block.difference())
    }
}

extension ByteWriter {
    /// Microseconds, most often in whole seconds.
    fileprivate mutating func append(instant: Int64, after last: Int64) {
        let difference = instant &- last
        let isWhole = difference % 1_000_000 == 0
        append(difference: isWhole ? (difference / 1_000_000) << 1 : difference << 1 | 1)
    }
}

extension ByteReader {
    @inline(__always)
    fileprivate mutating func instant(after last: Int64) -> Int64 {
        let difference = difference()
        return last &+ (difference & 1 == 0 ? (difference >> 1) &* 1_000_000 : difference >> 1)
    }
}
