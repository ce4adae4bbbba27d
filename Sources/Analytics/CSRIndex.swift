/// Compressed sparse rows: positions grouped by counting sort. Group `g` holds `members[starts[g]..<starts[g + 1]]`,
/// ascending.
struct CSRIndex: Sendable {
    let starts: [Int32]
    let members: [Int32]

    /// Sorts the positions of `groupOf` into `groups` groups; a position whose group is negative is left out.
    init(_ groupOf: [Int32], into groups: Int) {
        var starts = [Int32](repeating: 0, count: groups + 1)
        for group in groupOf where group >= 0 {
            starts[Int(group) + 1] += 1
        }
        for group in 0..<groups {
            starts[group + 1] += starts[group]
        }
        var next = starts
        members = [Int32](unsafeUninitializedCapacity: Int(starts[groups])) { members, count in
            for (position, group) in groupOf.enumerated() where group >= 0 {
                members[Int(next[Int(group)])] = Int32(position)
                next[Int(group)] += 1
            }
            count = Int(starts[groups])
        }
        self.starts = starts
    }

    /// How many groups there are.
    var count: Int { starts.count - 1 }

    /// The members of a group.
    subscript(group: Int) -> ArraySlice<Int32> {
        members[range(of: group)]
    }

    /// The range of a group in `members`.
    @inline(__always)
    func range(of group: Int) -> Range<Int> {
        Int(starts[group])..<Int(starts[group + 1])
    }
}
