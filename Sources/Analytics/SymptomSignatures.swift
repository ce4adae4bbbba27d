import Domain

/// Sets of symptoms as bit masks, with which overlaps are counted in one instruction.
///
/// Symptoms are numbered by falling frequency, the commonest in the highest bit. With more than 64 symptoms several
/// share a bit; masks then only bound an overlap, and the sets themselves decide.
struct SymptomSignatures: Sendable {
    /// The mask of each set.
    private(set) var signature: [UInt64]
    /// Whether no two symptoms share a bit.
    let isExact: Bool
    private let sets: SymptomSets

    init(_ sets: SymptomSets) {
        var frequency: [Int32: Int] = [:]
        for symptom in sets.members {
            frequency[symptom, default: 0] += 1
        }
        let ranked = frequency.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let bit = Dictionary(
            uniqueKeysWithValues: ranked.enumerated().map { rank, entry in (entry.key, UInt64(63 - rank % 64)) })
        signature = (0..<sets.count).map { set in
            sets[set].reduce(0) { mask, symptom in mask | 1 << bit[symptom, default: 0] }
        }
        isExact = ranked.count <= 64
        self.sets = sets
    }

    /// How many symptoms a set has.
    func size(of set: Int32) -> Int32 {
        sets.starts[Int(set) + 1] - sets.starts[Int(set)]
    }

    /// How many symptoms two sets share.
    func overlap(_ left: PatientFeatures, _ right: PatientFeatures) -> Int32 {
        let common = Int32((left.signature & right.signature).nonzeroBitCount)
        if isExact || common == 0 || left.symptomSet == right.symptomSet {
            return left.symptomSet == right.symptomSet ? size(of: left.symptomSet) : common
        }
        var shared: Int32 = 0
        var rest = sets[Int(right.symptomSet)]
        for symptom in sets[Int(left.symptomSet)] {
            while let other = rest.first, other < symptom { rest.removeFirst() }
            if rest.first == symptom { shared += 1 }
        }
        return shared
    }
}
