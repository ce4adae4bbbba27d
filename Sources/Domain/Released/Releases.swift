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
    /// How each ledger of released figures begins, which no other file may replace.
    package static let ledgerBeginning = "avicenna released figures"

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
