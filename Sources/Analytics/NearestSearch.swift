import Domain
import Statistics

/// Finds the nearest candidates of a group exactly, by branch and bound on a bucket queue (Land and Doig 1960; Dial 1969).
///
/// The tree is the `CandidateIndex`: sectors, blocks of lines, lines, cells. Each node has a lower bound of the distance of
/// all candidates below it, and a search visits nodes by ascending bound until that exceeds the distance of the last of the
/// nearest found. Bounds grow term by term: first condition and sex, which are exact per sector; then symptoms, by which
/// blocks and lines are queued in buckets of 1/16; then age, by which the cells of a line are visited outwards from the birth
/// year that is sought.
///
/// It keeps its buffers from search to search.
struct NearestSearch: ~Copyable {
    /// A candidate and its order among the nearest.
    struct Neighbour: BitwiseCopyable {
        var proximity: Proximity
        var isSuccess: Bool
    }

    private let index: CandidateIndex
    private let symptoms: SymptomSignatures
    private var queue: BucketQueue
    /// How many candidates are sought.
    private let count: Int

    // The current search.
    private let nearest: ScratchBuffer<Neighbour>
    private var found = 0
    /// A distance above it is not among the nearest.
    private var limit = Double.infinity

    /// Distances and bounds computed so far.
    private(set) var comparisons = 0

    /// - Parameter count: how many candidates are sought, at least one.
    init(_ count: Int, in index: CandidateIndex, symptoms: SymptomSignatures) {
        self.count = count
        self.index = index
        self.symptoms = symptoms
        queue = BucketQueue(capacity: index.blocks.count + index.lines.count)
        nearest = ScratchBuffer(count)
    }

    /// The candidates that are nearest to features, nearest first.
    mutating func nearest(to features: PatientFeatures) -> [Neighbour] {
        found = 0
        limit = .infinity
        // By ascending sum of the terms of condition and sex.
        let alike = index.sectors(of: features.condition)
        search(alike, for: features, condition: 0, sex: 0)
        search(alike, for: features, condition: 0, sex: PatientDistance.otherSex)
        for sex in [0, PatientDistance.otherSex] where PatientDistance.otherCondition + sex <= limit {
            for others in [0..<alike.lowerBound, alike.upperBound..<index.sectors.count] {
                search(others, for: features, condition: PatientDistance.otherCondition, sex: sex)
            }
        }
        return (0..<found).map { nearest[$0] }
    }

    /// Searches those sectors that are of the same sex, or those that are not.
    private mutating func search(
        _ sectors: Range<Int>, for features: PatientFeatures, condition: Double, sex: Double
    ) {
        for sector in sectors where features.isOf(sex: index.sectors[sector].sex) == (sex == 0) {
            guard condition + sex <= limit else { return }
            search(
                index.sectors[sector], own: symptoms[features.symptomSet], birthYear: features.birthYear,
                condition: condition, sex: sex)
        }
    }

    private mutating func search(
        _ sector: CandidateIndex.Sector, own: SymptomSignatures.Signature, birthYear: Int16, condition: Double,
        sex: Double
    ) {
        queue.removeAll()
        for block in sector.blocks {
            let bound = bound(index.blocks[Int(block)], own)
            if condition + sex + bound <= limit { queue.insert(~block, symptoms: bound, from: 0) }
        }
        comparisons += sector.blocks.count
        var bucket = 0
        while bucket <= BucketQueue.buckets {
            guard let (node, symptoms) = queue.popFirst(of: bucket) else {
                bucket += 1
                continue
            }
            guard condition + sex + symptoms <= limit else { continue }
            if node < 0 {
                let lines = index.blocks[Int(~node)].lines
                comparisons += lines.count
                for line in lines {
                    let symptoms = distance(index.lines[Int(line)].symptoms, own, upTo: limit - condition - sex)
                    if condition + sex + symptoms <= limit {
                        queue.insert(line, symptoms: symptoms, from: bucket)
                    }
                }
            } else {
                search(
                    index.lines[Int(node)], birthYear, condition: condition, sex: sex, symptoms: symptoms)
            }
        }
    }

    // MARK: Symptoms

    /// A lower bound of the symptom term in a block: with the largest overlap that bits and sizes allow, in the smallest set
    /// that can have it.
    private func bound(_ block: CandidateIndex.Block, _ own: SymptomSignatures.Signature) -> Double {
        let common = Int32((own.bits & block.possible).nonzeroBitCount)
        guard common > 0 else { return 1 }
        let hidden = own.size - Int32(own.bits.nonzeroBitCount)
        let overlap = min(common + hidden, block.largestSet, own.size)
        let foreign = Int32((block.required & ~own.bits).nonzeroBitCount)
        return PatientDistance.symptoms(
            overlap: overlap, sizes: own.size + max(block.smallestSet, overlap + foreign))
    }

    /// The symptom term of two sets; a lower bound above `limit` where the term is above that.
    @inline(__always)
    private func distance(
        _ other: SymptomSignatures.Signature, _ own: SymptomSignatures.Signature, upTo limit: Double
    ) -> Double {
        let bound = symptoms.overlapBound(own, other)
        let distance = PatientDistance.symptoms(overlap: bound, sizes: own.size + other.size)
        if symptoms.isExact || bound == 0 || distance > limit { return distance }
        return PatientDistance.symptoms(overlap: symptoms.overlap(own, other), sizes: own.size + other.size)
    }

    // MARK: Birth years

    /// Visits the cells of a line, the nearest birth years first.
    private mutating func search(
        _ line: CandidateIndex.Line, _ birthYear: Int16, condition: Double, sex: Double, symptoms: Double
    ) {
        func total(_ age: Double) -> Double { condition + age + sex + symptoms }
        var first = Int(line.cells.lowerBound)
        let end = Int(line.cells.upperBound)
        if birthYear == PatientColumns.unknownYear {
            let distance = total(PatientDistance.unknownAge)
            guard distance <= limit else { return }
            for cell in first..<end { collect(cell, at: distance) }
            return
        }
        if index.cells[first].birthYear == PatientColumns.unknownYear {
            collect(first, at: total(PatientDistance.unknownAge))
            first += 1
        }
        var later = (first..<end).firstPosition { index.cells[$0].birthYear >= birthYear }
        var earlier = later - 1
        while true {
            let ahead = later < end ? Int32(index.cells[later].birthYear) - Int32(birthYear) : .max
            let behind = earlier >= first ? Int32(birthYear) - Int32(index.cells[earlier].birthYear) : .max
            let years = min(ahead, behind)
            if years == .max { return }
            let distance = total(PatientDistance.age(years: years))
            if distance > limit { return }
            if ahead <= behind {
                collect(later, at: distance)
                later += 1
            } else {
                collect(earlier, at: distance)
                earlier -= 1
            }
        }
    }

    /// Inserts the members of a cell into the nearest, by insertion sort, as long as they precede the last of these.
    private mutating func collect(_ cell: Int, at distance: Double) {
        comparisons += 1
        guard distance <= limit else { return }
        let distance = billionths(distance)
        for member in index.cells[cell].members {
            let member = index.members[Int(member)]
            let neighbour = Neighbour(
                proximity: Proximity(distance: distance, recency: member.recency), isSuccess: member.isSuccess)
            var offset = found
            if found == count {
                guard neighbour.proximity < nearest[count - 1].proximity else { return }
                offset -= 1
            } else {
                found += 1
            }
            while offset > 0, neighbour.proximity < nearest[offset - 1].proximity {
                nearest[offset] = nearest[offset - 1]
                offset -= 1
            }
            nearest[offset] = neighbour
            if found == count { limit = nearest[count - 1].proximity.limit }
        }
    }
}

extension Proximity {
    /// A distance above it cannot precede this one: rounding loses half of the last decimal.
    @inline(__always)
    var limit: Double { (Double(distance) + 0.6) / 1e9 }
}
