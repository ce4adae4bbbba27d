import Domain

/// Sets of symptoms as bit masks, whose overlaps are counted by a population count.
///
/// Symptoms are numbered by falling frequency, the commonest in the highest bit. With more than 64 symptoms several
/// share a bit; masks then only bound an overlap, and the sets themselves decide.
struct SymptomSignatures: Sendable {
    /// The signature of a set.
    struct Signature: Hashable, Sendable {
        /// The bits of its symptoms.
        let bits: UInt64
        let set: Int32
        /// How many symptoms it has.
        let size: Int32
    }

    /// The rank of each set by its bits, by which sets that share the commonest symptoms are neighbours.
    let rank: [Int32]
    /// The set without symptoms; `nil` where there is none.
    let emptySet: Int32?
    /// Whether no two symptoms share a bit.
    let isExact: Bool
    private let signatures: [Signature]
    private let sets: SymptomSets

    init(_ sets: SymptomSets) {
        var frequency: [Int32: Int] = [:]
        for symptom in sets.members {
            frequency[symptom, default: 0] += 1
        }
        let ranked = frequency.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let bit = Dictionary(
            uniqueKeysWithValues: ranked.enumerated().map { rank, entry in (entry.key, UInt64(63 - rank % 64)) })
        let signatures = (0..<sets.count).map { set in
            Signature(
                bits: sets[set].reduce(0) { mask, symptom in mask | 1 << bit[symptom, default: 0] }, set: Int32(set),
                size: Int32(sets[set].count))
        }
        var rank = [Int32](repeating: 0, count: sets.count)
        let ordered = signatures.sorted { ($0.bits, $0.set) < ($1.bits, $1.set) }
        for (index, signature) in ordered.enumerated() { rank[Int(signature.set)] = Int32(index) }
        self.rank = rank
        self.signatures = signatures
        emptySet = signatures.first { $0.size == 0 }?.set
        isExact = ranked.count <= 64
        self.sets = sets
    }

    /// The signature of a set.
    subscript(set: Int32) -> Signature { signatures[Int(set)] }

    /// An upper bound of how many symptoms two sets share; exact where `isExact`.
    @inline(__always)
    func overlapBound(_ left: Signature, _ right: Signature) -> Int32 {
        let common = Int32((left.bits & right.bits).nonzeroBitCount)
        if isExact || common == 0 { return common }
        // Symptoms that share a bit count once in it.
        let hidden = left.size - Int32(left.bits.nonzeroBitCount)
        return min(common + hidden, left.size, right.size)
    }

    /// How many symptoms two sets share.
    func overlap(_ left: Signature, _ right: Signature) -> Int32 {
        left.set == right.set ? left.size : sets.overlap(Int(left.set), Int(right.set))
    }
}

extension SymptomSets {
    /// How many symptoms two sets share.
    func overlap(_ left: Int, _ right: Int) -> Int32 {
        let members = members
        var shared: Int32 = 0
        var (first, second) = (Int(starts[left]), Int(starts[right]))
        let (firstEnd, secondEnd) = (Int(starts[left + 1]), Int(starts[right + 1]))
        while first < firstEnd, second < secondEnd {
            if members[first] == members[second] {
                shared += 1
                first += 1
                second += 1
            } else if members[first] < members[second] {
                first += 1
            } else {
                second += 1
            }
        }
        return shared
    }

    /// How many symptoms a set has.
    func size(_ set: Int) -> Int32 { starts[set + 1] - starts[set] }
}
