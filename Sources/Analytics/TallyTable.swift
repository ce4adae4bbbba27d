import Domain

/// Tallies by subject, to which cases are added and from which they are removed in any order.
struct TallyTable: Sendable {
    private var indices: [Subject: Int] = [:]
    /// The tallies of each subject, which are empty where all of its cases were removed.
    private(set) var values: [WindowTallies] = []

    /// The tallies of a subject; `nil` where it has no case.
    subscript(subject: Subject) -> WindowTallies? {
        guard let index = indices[subject], values[index].all.samples > 0 else { return nil }
        return values[index]
    }

    /// Adds tallies to those of a subject.
    mutating func add(_ own: WindowTallies, to subject: Subject) {
        if let index = indices[subject] {
            values[index] += own
        } else {
            indices[subject] = values.count
            values.append(own)
        }
    }

    /// Removes tallies that were added to those of a subject.
    mutating func remove(_ own: WindowTallies, from subject: Subject) {
        if let index = indices[subject] { values[index] -= own }
    }

    /// Adds the tallies of another table.
    mutating func add(_ other: Self) {
        for (subject, index) in other.indices { add(other.values[index], to: subject) }
    }

    /// The sums over the subjects that belong to one subject of a wider level.
    func summed(into wider: (Subject) -> Subject) -> Self {
        var sums = Self()
        for (subject, index) in indices { sums.add(values[index], to: wider(subject)) }
        return sums
    }

    /// The tallies of the subjects that have a case, by ascending subject.
    var keyed: Keyed<Subject, WindowTallies> {
        let sorted = indices.filter { values[$0.value].all.samples > 0 }.sorted { $0.key < $1.key }
        return Keyed(keys: sorted.map(\.key), values: sorted.map { values[$0.value] })
    }
}
