/// The known name that takes the fewest edits to reach from `typed`, for messages such as "did you mean …?".
///
/// `nil` where none is near: at most a third of the letters, and at least two, may differ.
public func nearestName(to typed: String, among known: some Sequence<String>) -> String? {
    let limit = max(2, typed.count / 3)
    return known.map { (name: $0, distance: editDistance(typed, $0)) }
        .filter { $0.distance <= limit }
        .min { ($0.distance, $0.name) < ($1.distance, $1.name) }?
        .name
}

/// `did you mean 'x'?` where a known name is near, else the list of what is known.
public func suggestion(for typed: String, among known: [String]) -> String {
    if let nearest = nearestName(to: typed, among: known) {
        return "did you mean '\(nearest)'?"
    }
    return known.isEmpty ? "none is known" : "known: \(known.sorted().joined(separator: ", "))"
}

/// Levenshtein distance between two words: inserted, removed and replaced characters each count one.
private func editDistance(_ left: String, _ right: String) -> Int {
    let left = Array(left.lowercased())
    let right = Array(right.lowercased())
    var previous = Array(0...right.count)
    for (row, character) in left.enumerated() {
        var current = [row + 1]
        for (column, other) in right.enumerated() {
            let replaced = previous[column] + (character == other ? 0 : 1)
            current.append(min(replaced, previous[column + 1] + 1, current[column] + 1))
        }
        previous = current
    }
    return previous[right.count]
}
