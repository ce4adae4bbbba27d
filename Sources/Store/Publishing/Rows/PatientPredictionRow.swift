package import Domain

/// In a page, a patient's prediction is its rank and two bytes: one with the tenths, the experience and its basis, and one with
/// the share of similar patients.
extension PatientPrediction: PublishedRow {
    /// Stands for no tenths and no share.
    private static let absent: UInt8 = 15

    package static let columns = ["rank", "tenths", "experience", "basis", "similar"]

    package func write(to page: inout ByteWriter) {
        page.append(count: rank)
        let score = tenths.map { UInt8(bitPattern: $0) } ?? Self.absent
        page.append(score | UInt8(experience.ordinal) << 4 | UInt8(basis.ordinal) << 6)
        page.append(similar.map { UInt8($0.ordinal) } ?? Self.absent)
    }

    package init?(from page: inout ByteReader) {
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

    package func write(to columns: inout ColumnWriter) {
        columns.append(rank)
        columns.append(tenths.map { Int64($0) })
        columns.append(experience.rawValue)
        columns.append(basis.rawValue)
        columns.append(similar?.rawValue)
    }

    package init?(from columns: inout ColumnReader) {
        let rank = columns.int32()
        let tenths = columns.optional { Int8(clamping: $0.int32()) }
        guard let experience = columns.text().flatMap(Experience.init),
            let basis = columns.text().flatMap(ExperienceBasis.init)
        else { return nil }
        let similar = columns.text()
        guard similar == nil || similar.flatMap(SimilarShare.init) != nil else { return nil }
        self.init(
            rank: rank, tenths: tenths, experience: experience, basis: basis,
            similar: similar.flatMap(SimilarShare.init))
    }

    package var isPossible: Bool { rank > 0 && 0...10 ~= tenths ?? 0 }
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
