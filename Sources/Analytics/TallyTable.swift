import Domain

/// Tallies by subject, to which more are added in any order.
struct TallyTable: Sendable {
    private var indices: [Subject: Int] = [:]
    private var tallies: [WindowTallies] = []

    /// Adds the tallies of another table.
    mutating func add(_ other: Self) {
        for (subject, index) in other.indices { add(other.tallies[index], to: subject) }
    }

    /// Adds tallies to those of a subject.
    mutating func add(_ own: WindowTallies, to subject: Subject) {
        if let index = indices[subject] {
            tallies[index] += own
        } else {
            indices[subject] = tallies.count
            tallies.append(own)
        }
    }

    /// The tallies by ascending subject.
    var keyed: Keyed<Subject, WindowTallies> {
        let sorted = indices.sorted { $0.key < $1.key }
        return Keyed(keys: sorted.map(\.key), values: sorted.map { tallies[$0.value] })
    }
}
