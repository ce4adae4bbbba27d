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

/// What is decided once, when releases are set up.
public struct ReleaseSetup: Hashable, Sendable {
    /// The zone whose calendar months are released.
    public let timezone: ClinicTimeZone
    /// The first month that may be released.
    public let firstMonth: CalendarMonth

    /// A set-up.
    public init(timezone: ClinicTimeZone, firstMonth: CalendarMonth) {
        self.timezone = timezone
        self.firstMonth = firstMonth
    }
}

/// Everything that public figures are made of.
public struct Releases: Equatable, Sendable {
    /// How releases were set up.
    public let setup: ReleaseSetup
    /// The released months that may be shown, ascending.
    public let months: [ReleasedMonth]

    /// Released months, in any order.
    public init(setup: ReleaseSetup, months: [ReleasedMonth]) {
        self.setup = setup
        self.months = months.sorted { $0.month < $1.month }
    }

    /// The newest month that may be shown; `nil` where there is none.
    public var lastMonth: CalendarMonth? { months.last?.month }

    /// The subjects that may have figures: all that have a cell.
    public var subjects: Set<ReleasedSubject> {
        months.reduce(into: []) { $0.formUnion($1.cells.keys) }
    }
}
