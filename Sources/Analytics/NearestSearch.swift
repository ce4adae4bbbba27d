import Domain
import HeapModule

/// Searches one candidate tree, best bound first, keeping its buffers from search to search.
struct NearestSearch {
    struct Neighbour {
        var proximity: Proximity
        /// Position among the tree's members.
        var member: Int32
    }

    private struct Entry: Comparable {
        var bound: Proximity
        var node: Int32

        static func < (left: Self, right: Self) -> Bool {
            left.bound < right.bound
        }
    }

    private let tree: CandidateTree
    private let symptoms: SymptomSignatures
    private var queue = Heap<Entry>()
    private var nearest: [Neighbour] = []
    /// Distances and bounds computed so far.
    private(set) var comparisons = 0

    init(in tree: CandidateTree, symptoms: SymptomSignatures) {
        self.tree = tree
        self.symptoms = symptoms
    }

    /// The `count` candidates that are nearest to a patient, nearest first, without the patient itself.
    mutating func nearest(_ count: Int, to features: PatientFeatures, except patient: Int32) -> [Neighbour] {
        nearest.removeAll(keepingCapacity: true)
        queue = Heap(minimumCapacity: 256)
        guard !tree.nodes.isEmpty else { return [] }
        let size = symptoms.size(of: features.symptomSet)
        push(tree.nodes.count - 1, features: features, size: size, count: count)
        while let entry = queue.popMin() {
            if nearest.count == count, nearest[count - 1].proximity < entry.bound { break }
            let node = tree.nodes[Int(entry.node)]
            if entry.node < tree.cells {
                take(from: node, at: entry.bound.distance, count: count, except: patient)
            } else {
                for child in Int(node.start)..<Int(node.end) {
                    push(child, features: features, size: size, count: count)
                }
            }
        }
        return nearest
    }

    private mutating func take(from cell: CandidateTree.Node, at distance: Int64, count: Int, except patient: Int32) {
        for member in Int(cell.start)..<Int(cell.end) where tree.patient[member] != patient {
            let recency = Recency(instant: tree.instant[member], patient: tree.patient[member])
            let neighbour = Neighbour(
                proximity: Proximity(distance: distance, recency: recency), member: Int32(member))
            if nearest.count == count {
                guard neighbour.proximity < nearest[count - 1].proximity else { return }
                nearest.removeLast()
            }
            let place = nearest.firstIndex { neighbour.proximity < $0.proximity } ?? nearest.count
            nearest.insert(neighbour, at: place)
        }
    }

    // MARK: Bounds

    private mutating func push(_ index: Int, features: PatientFeatures, size: Int32, count: Int) {
        comparisons += 1
        let node = tree.nodes[index]
        let distance =
            index < tree.cells
            ? self.distance(from: features, size: size, to: node) : bound(from: features, size: size, to: node)
        let bound = Proximity(distance: distance, recency: node.newest)
        if nearest.count == count, nearest[count - 1].proximity < bound { return }
        queue.insert(Entry(bound: bound, node: Int32(index)))
    }

    /// The distance to the candidates of one cell.
    private func distance(from features: PatientFeatures, size: Int32, to cell: CandidateTree.Node) -> Int64 {
        let other = cell.first
        let isAgeKnown = features.birthYear != PatientColumns.unknownYear && !cell.hasUnknownYear
        return PatientDistance.total(
            condition: features.condition == other.condition ? 0 : 1,
            age: isAgeKnown
                ? PatientDistance.age(years: abs(Int32(features.birthYear) - Int32(other.birthYear)))
                : PatientDistance.unknownAge,
            sex: sexTerm(features, cell),
            symptoms: PatientDistance.symptoms(
                overlap: symptoms.overlap(features, other), sizes: size + cell.smallestSet))
    }

    /// The least distance that any candidate below a node can have.
    private func bound(from features: PatientFeatures, size: Int32, to node: CandidateTree.Node) -> Int64 {
        PatientDistance.total(
            condition: node.conditionLow <= features.condition && features.condition <= node.conditionHigh ? 0 : 1,
            age: ageBound(features, node),
            sex: sexTerm(features, node),
            symptoms: symptomBound(features, size: size, node))
    }

    private func sexTerm(_ features: PatientFeatures, _ node: CandidateTree.Node) -> Double {
        features.sex != PatientFeatures.unknownSex && node.sexes & features.sex != 0 ? 0 : PatientDistance.otherSex
    }

    private func ageBound(_ features: PatientFeatures, _ node: CandidateTree.Node) -> Double {
        guard features.birthYear != PatientColumns.unknownYear, node.yearLow <= node.yearHigh else {
            return PatientDistance.unknownAge
        }
        let year = Int32(features.birthYear)
        let years = max(0, Int32(node.yearLow) - year, year - Int32(node.yearHigh))
        let age = PatientDistance.age(years: years)
        return node.hasUnknownYear ? min(age, PatientDistance.unknownAge) : age
    }

    /// The largest overlap that the bits and sizes allow, in the smallest set that can have it.
    private func symptomBound(_ features: PatientFeatures, size: Int32, _ node: CandidateTree.Node) -> Double {
        let common = Int32((features.signature & node.possible).nonzeroBitCount)
        guard common > 0 else { return 1 }
        let sharingBits = size - Int32(features.signature.nonzeroBitCount)
        let overlap = min(common + sharingBits, node.largestSet, size)
        let foreign = Int32((node.required & ~features.signature).nonzeroBitCount)
        return PatientDistance.symptoms(overlap: overlap, sizes: size + max(node.smallestSet, overlap + foreign))
    }
}
