public import Domain

/// What a ledger of released figures holds.
public struct LedgerContent: Equatable, Sendable {
    /// How releases were set up.
    public let setup: ReleaseSetup
    /// The released months, in the order in which they were appended, each once.
    public internal(set) var months: [LedgerMonth]

    /// The content of a ledger.
    public init(setup: ReleaseSetup, months: [LedgerMonth]) {
        self.setup = setup
        self.months = months
    }

    /// What is held of a month; `nil` where it was not released.
    public func month(_ month: CalendarMonth) -> LedgerMonth? { months.first { $0.released.month == month } }

    /// The subjects that became public before a month, and `overall`.
    public func publicSubjects(before month: CalendarMonth) -> Set<ReleasedSubject> {
        months.filter { $0.released.month < month }.reduce(into: [.overall]) { $0.formUnion($1.released.entries) }
    }

    /// What may be shown: all months but those of which the database noted something else.
    public func releases(noted: NotedReleases) -> Releases {
        Releases(setup: setup, months: months.filter { !noted.contradicts($0) }.map(\.released))
    }
}

/// A month of a ledger.
public struct LedgerMonth: Equatable, Sendable {
    /// What was released of it.
    public let released: ReleasedMonth
    /// SHA-256 of its lines, in lower-case hexadecimal.
    public let digest: String

    /// A month with the digest of its lines.
    ///
    /// - Throws: `LedgerError.unwritable` where a key of a subject cannot be written on a line.
    public init(_ released: ReleasedMonth) throws {
        self.released = released
        digest = LedgerText.digest(of: try LedgerText.lines(of: released))
    }

    /// A month that was read, with a digest that was checked.
    init(_ released: ReleasedMonth, digest: String) {
        self.released = released
        self.digest = digest
    }
}

/// What a database noted of releases: by this it shows that a ledger is missing, or is another one.
public struct NotedReleases: Equatable, Sendable {
    /// How releases were set up; `nil` where no run set them up.
    public var setup: ReleaseSetup?
    /// The digests of the months that were released.
    public var digests: [CalendarMonth: String]

    /// Nothing, or what was noted.
    public init(setup: ReleaseSetup? = nil, digests: [CalendarMonth: String] = [:]) {
        self.setup = setup
        self.digests = digests
    }

    /// Whether something else was noted of a month than a ledger has.
    public func contradicts(_ month: LedgerMonth) -> Bool {
        digests[month.released.month].map { $0 != month.digest } ?? false
    }

    /// The months that a ledger lacks, ascending. They are withheld, and never drawn again.
    public func missing(in ledger: LedgerContent?) -> [CalendarMonth] {
        let known = Set(ledger?.months.map(\.released.month) ?? [])
        return digests.keys.filter { !known.contains($0) }.sorted()
    }
}
