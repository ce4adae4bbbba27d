import Crypto
import Domain
import Foundation
import Store

/// A record's content as it is hashed: six numbers and up to two texts, so that equal bytes mean equal records.
struct DigestInput {
    /// Tells kinds of records apart, so that no two records of different kinds have the same bytes.
    enum Kind: Int64 {
        case patient = 1
        case diagnosis
        case recommendation
        case feedback

        /// What messages and the audit log call it.
        var name: String {
            switch self {
            case .patient: Patient.kind
            case .diagnosis: Diagnosis.kind
            case .recommendation: Recommendation.kind
            case .feedback: Feedback.kind
            }
        }
    }

    /// Bytes of the numbers.
    static let headerSize = 48
    private static let absent = UInt32.max

    private let numbers: (Int64, Int64, Int64, Int64, Int64, Int64)
    private let texts: (String, String?)

    /// - Parameter numbers: the record's own number, and three more; `small` may take 56 bits.
    init(
        _ kind: Kind, small: Int64, _ numbers: (Int64, Int64, Int64, Int64), text: String = "", _ second: String? = nil
    ) {
        texts = (text, second)
        let lengths = UInt64(text.utf8.count) << 32 | UInt64(second.map { UInt32($0.utf8.count) } ?? Self.absent)
        self.numbers = (
            (small << 8 | kind.rawValue).littleEndian, numbers.0.littleEndian, numbers.1.littleEndian,
            numbers.2.littleEndian, numbers.3.littleEndian, Int64(bitPattern: lengths).littleEndian
        )
    }

    /// Appends the bytes.
    func append(to bytes: inout [UInt8]) {
        withUnsafeBytes(of: numbers) { bytes.append(contentsOf: $0) }
        if !texts.0.isEmpty { bytes.append(contentsOf: texts.0.utf8) }
        if let text = texts.1 { bytes.append(contentsOf: text.utf8) }
    }

    /// Calls `body` with the kind and the bytes of each of several inputs that follow one another.
    static func forEach(in bytes: UnsafeRawBufferPointer, _ body: (Kind, UnsafeRawBufferPointer) -> Void) {
        var rest = bytes[...]
        while rest.count >= headerSize {
            let input = UnsafeRawBufferPointer(rebasing: rest)
            let lengths = UInt64(littleEndian: input.loadUnaligned(fromByteOffset: 40, as: UInt64.self))
            let second = UInt32(truncatingIfNeeded: lengths)
            let size = headerSize + Int(lengths >> 32) + (second == absent ? 0 : Int(second))
            guard let kind = Kind(rawValue: Int64(input[0])) else { return }
            body(kind, UnsafeRawBufferPointer(rebasing: input.prefix(size)))
            rest = rest.dropFirst(size)
        }
    }
}

/// How many records there are, and the sum of their hashes, which does not depend on their order.
struct RecordDigest: Equatable {
    var records = 0
    /// The sum of the first 128 bits of their SHA-256, modulo 2^128.
    var sum: UInt128 = 0

    /// No records.
    init() {}

    /// A record.
    init(_ record: some StoredRecord) {
        var bytes: [UInt8] = []
        record.digestInput.append(to: &bytes)
        bytes.withUnsafeBytes { add($0) }
    }

    /// Adds the record with these bytes.
    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        var hash = SHA256()
        hash.update(bufferPointer: bytes)
        let value = hash.finalize().withUnsafeBytes { digest in
            UInt128(UInt64(littleEndian: digest.loadUnaligned(fromByteOffset: 8, as: UInt64.self))) << 64
                | UInt128(UInt64(littleEndian: digest.loadUnaligned(as: UInt64.self)))
        }
        records += 1
        sum &+= value
    }

    static func += (left: inout Self, right: Self) {
        left.records += right.records
        left.sum &+= right.sum
    }

    static func -= (left: inout Self, right: Self) {
        left.records -= right.records
        left.sum &-= right.sum
    }
}

extension RecordDigest: Codable {
    private enum CodingKeys: String, CodingKey {
        case records, digest
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        records = try values.decode(Int.self, forKey: .records)
        let text = try values.decode(String.self, forKey: .digest)
        guard let sum = UInt128(text, radix: 16) else {
            throw DecodingError.dataCorruptedError(forKey: .digest, in: values, debugDescription: "not hexadecimal")
        }
        self.sum = sum
    }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(records, forKey: .records)
        try values.encode(String(sum, radix: 16), forKey: .digest)
    }
}

/// A record of an import that an order changed, so that it belongs to the import no longer: `IMPORT:HASH`.
struct DisplacedRecord: CustomStringConvertible {
    let importID: Int64
    let digest: RecordDigest

    init(_ record: some StoredRecord, of importID: Int64) {
        self.importID = importID
        digest = RecordDigest(record)
    }

    init?(_ text: String) {
        let parts = text.split(separator: ":")
        guard parts.count == 2, let importID = Int64(parts[0]), let sum = UInt128(parts[1], radix: 16) else {
            return nil
        }
        self.importID = importID
        var digest = RecordDigest()
        digest.records = 1
        digest.sum = sum
        self.digest = digest
    }

    var description: String { "\(importID):\(String(digest.sum, radix: 16))" }
}

extension Patient {
    var digestInput: DigestInput {
        let sex: Int64 = sex.map { $0 == .female ? 1 : 2 } ?? 0
        return DigestInput(
            .patient, small: Int64(mizaj.ordinal) << 8 | sex, (id.rawValue, birthYear.map(Int64.init) ?? .min, 0, 0))
    }
}

extension Diagnosis {
    var digestInput: DigestInput {
        DigestInput(
            .diagnosis, small: 0, (id.rawValue, patient.rawValue, createdAt.microseconds, 0), text: condition,
            symptoms.joined(separator: ";"))
    }
}

extension Recommendation {
    var digestInput: DigestInput {
        DigestInput(
            .recommendation, small: 0, (id.rawValue, diagnosis.rawValue, createdAt.microseconds, 0), text: herb)
    }
}

extension Feedback {
    var digestInput: DigestInput {
        let judgement = Int64(rating.value) << 40 | Int64(improvement?.value ?? 0) << 32
        let small = judgement | Int64(UInt32(bitPattern: compliance.map(\.billionths) ?? -1))
        return DigestInput(
            .feedback, small: small,
            (id.rawValue, recommendation.rawValue, createdAt.microseconds, deletedAt?.microseconds ?? .min),
            text: sideEffects.joined(separator: ";"), comment)
    }
}
