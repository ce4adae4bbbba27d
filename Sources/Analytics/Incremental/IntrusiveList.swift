/// Intrusive linked lists of numbered members, one list per group: appending a member to a group moves no other.
struct IntrusiveList: Sendable {
    /// The newest member of each group, and the one before each member; -1 where there is none.
    private var newest: [Int32]
    private var previous: [Int32] = []

    /// Members `0..<count`, each of a group.
    init(of count: Int, into groups: Int, group: (Int) -> Int32) {
        newest = [Int32](repeating: -1, count: groups)
        previous.reserveCapacity(count)
        for member in 0..<count { append(to: group(member)) }
    }

    /// Reserves capacity for a total number of members.
    mutating func reserveCapacity(_ count: Int) { previous.reserveCapacity(count) }

    /// Appends the next member to a group.
    mutating func append(to group: Int32) {
        previous.append(newest[Int(group)])
        newest[Int(group)] = Int32(previous.count - 1)
    }

    /// Appends a group without members.
    mutating func appendGroup() { newest.append(-1) }

    /// The members of a group, the newest first.
    subscript(group: Int32) -> some Sequence<Int32> {
        sequence(state: newest[Int(group)]) { member -> Int32? in
            guard member >= 0 else { return nil }
            defer { member = previous[Int(member)] }
            return member
        }
    }
}
