import Domain

/// The candidates of one mizaj and herb, laid out for searches.
///
/// A sector holds those of one condition and sex; a line in it those of one set of symptoms; a cell in that those of one birth
/// year, the preferred first. Lines stand by their symptoms, so that neighbours are alike, and each block of a few sums up
/// which symptoms they can have.
struct CandidateIndex: Sendable {
    /// A patient to choose from.
    struct Candidate: Equatable, Sendable {
        var features: PatientFeatures
        var recency: Recency
        var isSuccess: Bool
    }

    /// Candidates of one condition and sex.
    struct Sector: Sendable {
        let condition: Int32
        let sex: UInt8
        var blocks: Range<Int32>
    }

    /// What is known of the symptoms of neighbouring lines.
    struct Block: Sendable {
        var lines: Range<Int32>
        /// Bits that all sets of symptoms have.
        var required: UInt64
        /// Bits that any set of symptoms has.
        var possible: UInt64
        var smallestSet: Int32
        var largestSet: Int32
    }

    /// Candidates with the same symptoms, by ascending birth year; who was born when nobody knows comes first.
    struct Line: Sendable {
        let symptoms: SymptomSignatures.Signature
        var cells: Range<Int32>
    }

    /// Candidates of the same birth year, the preferred first.
    struct Cell: Sendable {
        let birthYear: Int16
        var members: Range<Int32>
    }

    /// One candidate.
    struct Member: Sendable {
        let recency: Recency
        let isSuccess: Bool
    }

    private static let linesOfBlock = 16

    private(set) var sectors: [Sector] = []
    private(set) var blocks: [Block] = []
    private(set) var lines: [Line] = []
    private(set) var cells: [Cell] = []
    private(set) var members: [Member] = []

    init(_ candidates: [Candidate], symptoms: SymptomSignatures) {
        let places = candidates.enumerated().map { position, candidate in
            Place(of: candidate.features, candidate: position, symptoms)
        }.sorted { left, right in
            if left.line != right.line { return left.line < right.line }
            if left.birthYear != right.birthYear { return left.birthYear < right.birthYear }
            return candidates[Int(left.candidate)].recency < candidates[Int(right.candidate)].recency
        }
        members.reserveCapacity(places.count)
        var previous: Place?
        for place in places {
            add(candidates[Int(place.candidate)], symptoms, after: previous, at: place)
            previous = place
        }
    }

    /// Where a candidate stands. It is small, since it is moved about a lot.
    private struct Place {
        /// Condition, sex and set of symptoms.
        let line: UInt64
        let birthYear: Int16
        let candidate: Int32

        init(of features: PatientFeatures, candidate: Int, _ symptoms: SymptomSignatures) {
            line =
                UInt64(features.condition) << 34 | UInt64(features.sex) << 31
                | UInt64(symptoms.rank[Int(features.symptomSet)])
            birthYear = features.birthYear
            self.candidate = Int32(candidate)
        }
    }

    private mutating func add(
        _ candidate: Candidate, _ symptoms: SymptomSignatures, after previous: Place?, at place: Place
    ) {
        let features = candidate.features
        let isNewLine = previous?.line != place.line
        if isNewLine {
            addLine(
                symptoms[features.symptomSet], isNewSector: previous.map { $0.line >> 31 } != place.line >> 31, features
            )
        }
        if isNewLine || previous?.birthYear != place.birthYear {
            let first = Int32(members.count)
            cells.append(Cell(birthYear: features.birthYear, members: first..<first))
            lines[lines.count - 1].cells = lines[lines.count - 1].cells.lowerBound..<Int32(cells.count)
        }
        members.append(Member(recency: candidate.recency, isSuccess: candidate.isSuccess))
        cells[cells.count - 1].members = cells[cells.count - 1].members.lowerBound..<Int32(members.count)
    }

    private mutating func addLine(
        _ symptoms: SymptomSignatures.Signature, isNewSector: Bool, _ features: PatientFeatures
    ) {
        let (line, cell, block) = (Int32(lines.count), Int32(cells.count), Int32(blocks.count))
        if isNewSector {
            sectors.append(Sector(condition: features.condition, sex: features.sex, blocks: block..<block))
        }
        if isNewSector || blocks[blocks.count - 1].lines.count == Self.linesOfBlock {
            blocks.append(
                Block(
                    lines: line..<line, required: symptoms.bits, possible: symptoms.bits, smallestSet: symptoms.size,
                    largestSet: symptoms.size))
            sectors[sectors.count - 1].blocks = sectors[sectors.count - 1].blocks.lowerBound..<block + 1
        }
        blocks[blocks.count - 1].take(symptoms)
        lines.append(Line(symptoms: symptoms, cells: cell..<cell))
    }
}

extension CandidateIndex.Block {
    /// Sums up one more line.
    fileprivate mutating func take(_ symptoms: SymptomSignatures.Signature) {
        lines = lines.lowerBound..<lines.upperBound + 1
        required &= symptoms.bits
        possible |= symptoms.bits
        smallestSet = min(smallestSet, symptoms.size)
        largestSet = max(largestSet, symptoms.size)
    }
}
