import Domain
import Store

/// In a page, a patient's prediction is its rank and two bytes: one with the tenths, the experience and its basis, and one with
/// the share of similar patients.
extension PatientPrediction: PublishedRow {
    /// Stands for no tenths and no share.
    private static let absent: UInt8 = 15

    static let columns = ["rank", "tenths", "experience", "basis", "similar"]

    func write(to page: inout ByteWriter) {
        page.append(count: rank)
        let score = tenths.map { UInt8(bitPattern: $0) } ?? Self.absent
        page.append(score | UInt8(experience.ordinal) << 4 | UInt8(basis.ordinal) << 6)
        page.append(similar.map { UInt8($0.ordinal) } ?? Self.absent)
    }

    init?(from page: inout ByteReader) {
        let rank = page.count32()
        let (byte, share) = (page.byte(), page.byte())
        guard let experience = Experience(ordinal: byte >> 4 & 3), let basis = ExperienceBasis(ordinal: byte >> 6)
        else {
            return nil
        }
        let similar = SimilarShare(ordinal: share)
        guard similar != nil || share == Self.absent else { return nil }
        self.init(
            rank: rank, tenths: byte & 15 == Self.absent ? nil : Int8(byte & 15), experience: experience, basis: basis,
            similar: similar)
    }

    func bind(to statement: Statement, from first: Int32) {
        statement.bind(rank, at: first)
        statement.bind(tenths.map { Int($0) }, at: first + 1)
        statement.bind(experience.rawValue, at: first + 2)
        statement.bind(basis.rawValue, at: first + 3)
        statement.bind(similar?.rawValue, at: first + 4)
    }

    init?(row: Statement, from first: Int32) {
        guard let experience = row.text(first + 2).flatMap(Experience.init),
            let basis = row.text(first + 3).flatMap(ExperienceBasis.init)
        else { return nil }
        let similar = row.text(first + 4)
        guard similar == nil || similar.flatMap(SimilarShare.init) != nil else { return nil }
        self.init(
            rank: row.int32(first), tenths: row.optional(first + 1) { Int8(clamping: row.int32($0)) },
            experience: experience, basis: basis, similar: similar.flatMap(SimilarShare.init))
    }

    var isPossible: Bool { rank > 0 && 0...10 ~= tenths ?? 0 }
}

extension PublishedTable where Key == RecommendationID, Row == PatientPrediction {
    static var patientPredictions: Self { Self(name: "patient_predictions", key: "recommendation_id") }
}

// Positions are found in stored lists, since a run packs millions of rows.

extension Experience {
    private static let cases = allCases

    fileprivate var ordinal: Int { Self.cases.firstIndex(of: self) ?? 0 }

    fileprivate init?(ordinal: UInt8) { self.init(ordinal: Int(ordinal), among: Self.cases) }
}

extension ExperienceBasis {
    private static let cases = allCases

    fileprivate var ordinal: Int { Self.cases.firstIndex(of: self) ?? 0 }

    fileprivate init?(ordinal: UInt8) { self.init(ordinal: Int(ordinal), among: Self.cases) }
}

extension SimilarShare {
    private static let cases = allCases

    fileprivate var ordinal: Int { Self.cases.firstIndex(of: self) ?? 0 }

    fileprivate init?(ordinal: UInt8) { self.init(ordinal: Int(ordinal), among: Self.cases) }
}
