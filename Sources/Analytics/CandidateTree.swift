import Domain

/// The candidates of one mizaj and herb, in a tree whose nodes bound how near any candidate below can be.
///
/// Candidates with the same features share a cell. Cells are sorted by condition, sex, symptoms and birth year, so that
/// neighbours are alike; each node then sums up `fanout` neighbours of the layer below, up to a single root.
struct CandidateTree: Sendable {
    struct Candidate: Sendable {
        var features: PatientFeatures
        var recency: Recency
        var isSuccess: Bool
    }

    static let fanout = 8

    // Members by cell, the preferred first.
    private(set) var patient: [Int32] = []
    private(set) var instant: [Instant] = []
    private(set) var isSuccess: [Bool] = []

    /// The cells, then layer by layer what sums them up; the root is the last.
    private(set) var nodes: [Node] = []
    /// How many of the nodes are cells.
    private(set) var cells = 0

    init(_ candidates: [Candidate], symptoms: SymptomSignatures) {
        let sorted = candidates.sorted { left, right in
            let (first, second) = (left.features, right.features)
            if first == second { return left.recency < right.recency }
            if first.condition != second.condition { return first.condition < second.condition }
            if first.sex != second.sex { return first.sex < second.sex }
            if first.signature != second.signature { return first.signature < second.signature }
            if first.symptomSet != second.symptomSet { return first.symptomSet < second.symptomSet }
            return first.birthYear < second.birthYear
        }
        patient = sorted.map(\.recency.patient)
        instant = sorted.map(\.recency.instant)
        isSuccess = sorted.map(\.isSuccess)

        for (position, candidate) in sorted.enumerated() {
            if position > 0, sorted[position - 1].features == candidate.features {
                nodes[nodes.count - 1].end = Int32(position + 1)
            } else {
                nodes.append(
                    Node(
                        cell: candidate.features, size: symptoms.size(of: candidate.features.symptomSet),
                        newest: candidate.recency, start: Int32(position)))
            }
        }
        cells = nodes.count
        var layer = nodes.indices
        while layer.count > 1 {
            for start in stride(from: layer.lowerBound, to: layer.upperBound, by: Self.fanout) {
                nodes.append(Node(over: nodes[start..<min(start + Self.fanout, layer.upperBound)]))
            }
            layer = layer.upperBound..<nodes.count
        }
    }

    /// What is known of all candidates below a node.
    struct Node: Sendable {
        /// The members of a cell; above, the nodes that it sums up.
        var start: Int32
        var end: Int32
        /// The features of a cell; above, those of the first cell below.
        let first: PatientFeatures
        /// Conditions lie within these two.
        private(set) var conditionLow: Int32
        private(set) var conditionHigh: Int32
        /// Known birth years lie within these two; low above high where none is known.
        private(set) var yearLow: Int16
        private(set) var yearHigh: Int16
        private(set) var hasUnknownYear: Bool
        private(set) var sexes: UInt8
        /// Bits that all sets of symptoms have.
        private(set) var required: UInt64
        /// Bits that any set of symptoms has.
        private(set) var possible: UInt64
        private(set) var smallestSet: Int32
        private(set) var largestSet: Int32
        /// The preferred of all candidates below.
        private(set) var newest: Recency

        init(cell features: PatientFeatures, size: Int32, newest: Recency, start: Int32) {
            self.start = start
            end = start + 1
            first = features
            conditionLow = features.condition
            conditionHigh = features.condition
            hasUnknownYear = features.birthYear == PatientColumns.unknownYear
            yearLow = hasUnknownYear ? .max : features.birthYear
            yearHigh = hasUnknownYear ? .min : features.birthYear
            sexes = features.sex
            required = features.signature
            possible = features.signature
            smallestSet = size
            largestSet = size
            self.newest = newest
        }

        init(over nodes: ArraySlice<Node>) {
            self = nodes[nodes.startIndex]
            start = Int32(nodes.startIndex)
            end = Int32(nodes.endIndex)
            for node in nodes.dropFirst() {
                conditionLow = min(conditionLow, node.conditionLow)
                conditionHigh = max(conditionHigh, node.conditionHigh)
                yearLow = min(yearLow, node.yearLow)
                yearHigh = max(yearHigh, node.yearHigh)
                hasUnknownYear = hasUnknownYear || node.hasUnknownYear
                sexes |= node.sexes
                required &= node.required
                possible |= node.possible
                smallestSet = min(smallestSet, node.smallestSet)
                largestSet = max(largestSet, node.largestSet)
                newest = min(newest, node.newest)
            }
        }
    }
}
