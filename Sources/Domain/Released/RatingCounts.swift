/// How many patients gave each rating: exact counts, or the sums of counts and noise that a cell holds, which may be negative.
public struct RatingCounts: Hashable, Sendable {
    /// Five numbers: of the ratings 1, 2, 3, 4 and 5.
    public let counts: [Int]

    /// The numbers of the ratings 1…5, of which there must be five.
    public init(counts: [Int]) {
        precondition(counts.count == 5, "there are five ratings")
        self.counts = counts
    }

    /// The sum of the five numbers.
    public var total: Int { counts.reduce(0, +) }
}
