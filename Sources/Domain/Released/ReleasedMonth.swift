/// What was released of a calendar month, once and for ever.
public struct ReleasedMonth: Equatable, Sendable {
    /// The month.
    public let month: CalendarMonth
    /// The privacy loss of each of its cells; an entry test spends half of it.
    public let epsilon: PrivacyLoss
    /// When the noise was drawn.
    public let releasedAt: Instant
    /// The subjects that became public in this month, ascending; never `overall`, which always is.
    public let entries: [ReleasedSubject]
    /// The counts, with noise, of each subject that was public in this month.
    public let cells: [ReleasedSubject: RatingCounts]

    /// What was released of a month.
    public init(
        month: CalendarMonth, epsilon: PrivacyLoss, releasedAt: Instant, entries: [ReleasedSubject],
        cells: [ReleasedSubject: RatingCounts]
    ) {
        self.month = month
        self.epsilon = epsilon
        self.releasedAt = releasedAt
        self.entries = entries
        self.cells = cells
    }
}
