import Domain
import Statistics

/// Searches one group of candidates, keeping its buffers from search to search.
///
/// It looks at sectors, blocks of lines, lines and cells by the least distance that anybody there can have, and stops where
/// that exceeds the last of the nearest found.
struct NearestSearch: ~Copyable {
    /// A candidate and how near it is.
    struct Neighbour: BitwiseCopyable {
        var proximity: Proximity
        var isSuccess: Bool
    }

    /// Blocks and lines that wait to be looked at, by the least distance of their symptoms in steps: each step is a list.
    private struct Waiting {
        static let steps = 16

        private struct Entry: BitwiseCopyable {
            /// A line; a block where negative.
            let place: Int32
            let next: Int32
            let symptoms: Double
        }

        private let first = Room<Int32>(steps + 1)
        private let entries: Room<Entry>
        private var count = 0

        /// - Parameter most: how many can wait at a time.
        init(_ most: Int) { entries = Room(most) }

        mutating func removeAll() {
            count = 0
            for step in 0...Self.steps { first[step] = -1 }
        }

        /// - Parameter symptoms: no less than what was taken out before.
        @inline(__always)
        mutating func insert(_ place: Int32, symptoms: Double, from step: Int) {
            let step = max(step, Int(symptoms * Double(Self.steps)))
            entries[count] = Entry(place: place, next: first[step], symptoms: symptoms)
            first[step] = Int32(count)
            count += 1
        }

        /// Takes one of a step out.
        @inline(__always)
        func take(of step: Int) -> (place: Int32, symptoms: Double)? {
            guard first[step] >= 0 else { return nil }
            let entry = entries[Int(first[step])]
            first[step] = entry.next
            return (entry.place, entry.symptoms)
        }
    }

    private let index: CandidateIndex
    private let symptoms: SymptomSignatures
    private var waiting: Waiting
    /// How many are sought.
    private let count: Int

    // The search at hand.
    private let nearest: Room<Neighbour>
    private var found = 0
    /// No distance above this one is near enough.
    private var limit = Double.infinity

    /// Distances and bounds computed so far.
    private(set) var comparisons = 0

    /// - Parameter count: how many are sought, at least one.
    init(_ count: Int, in index: CandidateIndex, symptoms: SymptomSignatures) {
        self.count = count
        self.index = index
        self.symptoms = symptoms
        waiting = Waiting(index.blocks.count + index.lines.count)
        nearest = Room(count)
    }

    /// The candidates that are nearest to features, nearest first.
    mutating func nearest(to features: PatientFeatures) -> [Neighbour] {
        found = 0
        limit = .infinity
        // What condition and sex can make of a distance, the least first.
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

    /// Searches those sectors that are of the sex, or of another.
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
        waiting.removeAll()
        for block in sector.blocks {
            let bound = bound(index.blocks[Int(block)], own)
            if condition + sex + bound <= limit { waiting.insert(~block, symptoms: bound, from: 0) }
        }
        comparisons += sector.blocks.count
        var step = 0
        while step <= Waiting.steps {
            guard let (place, symptoms) = waiting.take(of: step) else {
                step += 1
                continue
            }
            guard condition + sex + symptoms <= limit else { continue }
            if place < 0 {
                let lines = index.blocks[Int(~place)].lines
                comparisons += lines.count
                for line in lines {
                    let symptoms = distance(index.lines[Int(line)].symptoms, own, upTo: limit - condition - sex)
                    if condition + sex + symptoms <= limit {
                        waiting.insert(line, symptoms: symptoms, from: step)
                    }
                }
            } else {
                look(along: index.lines[Int(place)], birthYear, condition: condition, sex: sex, symptoms: symptoms)
            }
        }
    }

    // MARK: Symptoms

    /// The least distance of symptoms in a block: with the largest overlap that bits and sizes allow, in the smallest set that
    /// can have it.
    private func bound(_ block: CandidateIndex.Block, _ own: SymptomSignatures.Signature) -> Double {
        let common = Int32((own.bits & block.possible).nonzeroBitCount)
        guard common > 0 else { return 1 }
        let hidden = own.size - Int32(own.bits.nonzeroBitCount)
        let overlap = min(common + hidden, block.largestSet, own.size)
        let foreign = Int32((block.required & ~own.bits).nonzeroBitCount)
        return PatientDistance.symptoms(
            overlap: overlap, sizes: own.size + max(block.smallestSet, overlap + foreign))
    }

    /// The distance of two sets of symptoms; something above `limit` where it is above that.
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

    /// Looks at the cells of a line, the nearest birth years first.
    private mutating func look(
        along line: CandidateIndex.Line, _ birthYear: Int16, condition: Double, sex: Double, symptoms: Double
    ) {
        func total(_ age: Double) -> Double { condition + age + sex + symptoms }
        var first = Int(line.cells.lowerBound)
        let end = Int(line.cells.upperBound)
        if birthYear == PatientColumns.unknownYear {
            let distance = total(PatientDistance.unknownAge)
            guard distance <= limit else { return }
            for cell in first..<end { take(from: cell, at: distance) }
            return
        }
        if index.cells[first].birthYear == PatientColumns.unknownYear {
            take(from: first, at: total(PatientDistance.unknownAge))
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
                take(from: later, at: distance)
                later += 1
            } else {
                take(from: earlier, at: distance)
                earlier -= 1
            }
        }
    }

    /// Takes the members of a cell among the nearest, as long as they are nearer than the last of these.
    private mutating func take(from cell: Int, at distance: Double) {
        comparisons += 1
        guard distance <= limit else { return }
        let distance = billionths(distance)
        for member in index.cells[cell].members {
            let member = index.members[Int(member)]
            let neighbour = Neighbour(
                proximity: Proximity(distance: distance, recency: member.recency), isSuccess: member.isSuccess)
            var place = found
            if found == count {
                guard neighbour.proximity < nearest[count - 1].proximity else { return }
                place -= 1
            } else {
                found += 1
            }
            while place > 0, neighbour.proximity < nearest[place - 1].proximity {
                nearest[place] = nearest[place - 1]
                place -= 1
            }
            nearest[place] = neighbour
            if found == count { limit = nearest[count - 1].proximity.limit }
        }
    }
}

extension Proximity {
    /// No distance above this one comes before it: half of the last decimal is lost in rounding.
    @inline(__always)
    var limit: Double { (Double(distance) + 0.6) / 1e9 }
}

/// Elements without the checks of an array, since a search writes there dozens of times: what was not written is not read.
private final class Room<Element: BitwiseCopyable> {
    private let elements: UnsafeMutableBufferPointer<Element>

    init(_ count: Int) { elements = .allocate(capacity: count) }

    deinit { elements.deallocate() }

    @inline(__always)
    subscript(place: Int) -> Element {
        get { elements[place] }
        set { elements[place] = newValue }
    }
}
