/// Positions sorted into numbered groups by counting: group `g` holds `members[starts[g]..<starts[g + 1]]`, ascending.
struct Groups: Sendable {
    private(set) var starts: [Int32]
    private(set) var members: [Int32]

    /// Sorts the positions `0..<count` into `groups` groups; a position whose group is negative is left out.
    init(of count: Int, into groups: Int, group: (Int) -> Int) {
        starts = [Int32](repeating: 0, count: groups + 1)
        for position in 0..<count where group(position) >= 0 {
            starts[group(position) + 1] += 1
        }
        for index in 0..<groups {
            starts[index + 1] += starts[index]
        }
        members = [Int32](repeating: 0, count: Int(starts[groups]))
        var next = starts
        for position in 0..<count {
            let index = group(position)
            guard index >= 0 else { continue }
            members[Int(next[index])] = Int32(position)
            next[index] += 1
        }
    }

    var count: Int { starts.count - 1 }

    subscript(group: Int) -> ArraySlice<Int32> {
        members[Int(starts[group])..<Int(starts[group + 1])]
    }
}
