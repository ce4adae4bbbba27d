import Domain
import Statistics

/// The candidates of one mizaj and herb as a tree in arrays, which `NearestSearch` searches.
///
/// A sector holds the candidates of one condition and sex; a line in it those of one set of symptoms; a cell in that those of
/// one birth year, the preferred first. Lines are sorted by symptoms, so that neighbours are alike, and each block of 16 lines
/// has bounds of their symptoms.
struct CandidateIndex: Sendable {
    /// A patient who may be similar, with the newest case of the herb.
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

    /// Neighbouring lines with bounds of their symptoms.
    struct Block: Sendable {
        var lines: Range<Int32>
        /// Bits of the symptoms that all sets have.
        var required: UInt64
        /// Bits of the symptoms that any set has.
        var possible: UInt64
        var smallestSet: Int32
        var largestSet: Int32
    }

    /// Candidates with the same symptoms, by ascending birth year; unknown birth years come first.
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
        members.reserveCapacity(candidates.count)
        var previous: PatientFeatures?
        for position in candidates.map(\.features).order(symptoms) {
            let candidate = candidates[Int(position)]
            add(candidate, symptoms, after: previous)
            previous = candidate.features
        }
        for cell in cells where cell.members.count > 1 {
            members[Int(cell.members.lowerBound)..<Int(cell.members.upperBound)].sort { $0.recency < $1.recency }
        }
    }

    /// The range of the sectors of a condition.
    func sectors(of condition: Int32) -> Range<Int> {
        let first = sectors.indices.firstPosition { sectors[$0].condition >= condition }
        return first..<(first..<sectors.count).firstPosition { sectors[$0].condition > condition }
    }

    private mutating func add(_ candidate: Candidate, _ symptoms: SymptomSignatures, after previous: PatientFeatures?) {
        let features = candidate.features
        let isSameSector = previous.map { $0.condition == features.condition && $0.sex == features.sex } ?? false
        let isSameLine = isSameSector && previous?.symptomSet == features.symptomSet
        if !isSameLine { addLine(symptoms[features.symptomSet], isNewSector: !isSameSector, features) }
        if !isSameLine || previous?.birthYear != features.birthYear {
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
        blocks[blocks.count - 1].include(symptoms)
        lines.append(Line(symptoms: symptoms, cells: cell..<cell))
    }
}

extension CandidateIndex.Block {
    /// Extends the bounds to one more line.
    fileprivate mutating func include(_ symptoms: SymptomSignatures.Signature) {
        lines = lines.lowerBound..<lines.upperBound + 1
        required &= symptoms.bits
        possible |= symptoms.bits
        smallestSet = min(smallestSet, symptoms.size)
        largestSet = max(largestSet, symptoms.size)
    }
}

extension [PatientFeatures] {
    /// Positions by condition, sex, symptoms and birth year. Sets that share the commonest symptoms are neighbours.
    fileprivate func order(_ symptoms: SymptomSignatures) -> [Int32] {
        // By stable sorts, the most significant key last.
        var order = indices.map { Int32($0) }
        order.sort { UInt32(UInt16(bitPattern: self[$0].birthYear)) }
        order.sort { UInt32(symptoms.rank[Int(self[$0].symptomSet)]) }
        order.sort { UInt32(self[$0].sex) }
        order.sort { UInt32(self[$0].condition) }
        return order
    }
}

extension [Int32] {
    private static let bitsOfDigit: UInt32 = 11

    /// Sorts by a key: a least-significant-digit radix sort, which is stable.
    fileprivate mutating func sort(by key: (Int) -> UInt32) {
        let greatest = reduce(0) { Swift.max($0, key(Int($1))) }
        var shift: UInt32 = 0
        while greatest >> shift > 0 {
            let digits = map { Int32(key(Int($0)) >> shift & (1 << Self.bitsOfDigit - 1)) }
            self = CSRIndex(digits, into: 1 << Self.bitsOfDigit).members.map { self[Int($0)] }
            shift += Self.bitsOfDigit
        }
    }
}
