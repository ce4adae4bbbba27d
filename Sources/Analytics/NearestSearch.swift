import Domain

/// Searches one group of candidates, keeping its buffers from search to search.
///
/// It looks at sectors, blocks of lines, lines and cells by the least distance that anybody there can have, and stops where
/// that exceeds the last of the nearest found.
struct NearestSearch {
    /// A candidate and how near it is.
    struct Neighbour {
        var proximity: Proximity
        var isSuccess: Bool
    }

    /// Blocks and lines that wait to be looked at, by the least distance of their symptoms in steps: each step is a list.
    private struct Waiting {
        static let steps = 16

        private struct Entry {
            /// A line; a block where negative.
            let place: Int32
            let next: Int32
            let symptoms: Double
        }

        private var first = [Int32](repeating: -1, count: steps + 1)
        private var entries: [Entry] = []

        mutating func removeAll() {
            entries.removeAll(keepingCapacity: true)
            for step in first.indices { first[step] = -1 }
        }

        /// - Parameter symptoms: no less than what was taken out before.
        @inline(__always)
        mutating func insert(_ place: Int32, symptoms: Double, from step: Int) {
            let step = max(step, Int(symptoms * Double(Self.steps)))
            entries.append(Entry(place: place, next: first[step], symptoms: symptoms))
            first[step] = Int32(entries.count - 1)
        }

        /// Takes one of a step out.
        @inline(__always)
        mutating func take(of step: Int) -> (place: Int32, symptoms: Double)? {
            guard first[step] >= 0 else { return nil }
            let entry = entries[Int(first[step])]
            first[step] = entry.next
            return (entry.place, entry.symptoms)
        }
    }

    private let index: CandidateIndex
    private let symptoms: SymptomSignatures
    private var waiting = Waiting()

    // The search at hand.
    private var count = 0
    private var nearest: [Neighbour] = []
    /// No distance above this one is near enough.
    private var limit = Double.infinity

    /// Distances and bounds computed so far.
    private(set) var comparisons = 0

    init(in index: CandidateIndex, symptoms: SymptomSignatures) {
        self.index = index
        self.symptoms = symptoms
    }

    /// The `count` candidates that are nearest to features, nearest first.
    mutating func nearest(_ count: Int, to features: PatientFeatures) -> [Neighbour] {
        self.count = count
        nearest.removeAll(keepingCapacity: true)
        limit = .infinity
        let own = symptoms[features.symptomSet]
        // What condition and sex can make of a distance, the least first.
        let (otherCondition, otherSex) = (PatientDistance.otherCondition, PatientDistance.otherSex)
        for (condition, sex) in [(0.0, 0.0), (0, otherSex), (otherCondition, 0), (otherCondition, otherSex)] {
            guard condition + sex <= limit else { break }
            for sector in index.sectors {
                let isSexSame = features.isOf(sex: sector.sex)
                guard (sector.condition == features.condition) == (condition == 0), isSexSame == (sex == 0) else {
                    continue
                }
                search(sector, own: own, birthYear: features.birthYear, condition: condition, sex: sex)
            }
        }
        return nearest
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
            if nearest.count == count {
                guard neighbour.proximity < nearest[count - 1].proximity else { return }
                nearest.removeLast()
            }
            var place = nearest.count
            while place > 0, neighbour.proximity < nearest[place - 1].proximity { place -= 1 }
            nearest.insert(neighbour, at: place)
            if nearest.count == count { limit = nearest[count - 1].proximity.limit }
        }
    }
}
