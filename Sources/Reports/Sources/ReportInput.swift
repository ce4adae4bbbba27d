public import Domain
public import Store

/// What reports read: the published results and the records they rest on, as of the run that published them.
public final class ReportInput {
    /// The published results.
    public let results: any PublishedResults
    /// The day that the results are of.
    public let asOf: Day
    /// The run that published them.
    public let run: RunID
    /// Digest of what that run published, in hexadecimal; `nil` where it is not known.
    public let digest: String?
    /// The settings of that run.
    let settings: RunSettings
    /// Whether something was made from the records, and not from the results alone.
    private(set) var readsRecords = false
    /// The calendar whose months are told apart.
    let calendar: ReportCalendar

    /// Looks up what was published of the sources.
    ///
    /// - Throws: `ReportError.notComputed` where a stage never ran, `ReportError.mixedDays` where two are of different
    ///   days.
    public init(
        _ results: any PublishedResults, sources: [Source], calendar: ReportCalendar = .gregorian
    ) throws {
        let origins = try results.origins()
        let used = try sources.map { source in
            guard let origin = origins[source.stage] else { throw ReportError.notComputed(source: source) }
            return (source: source, origin: origin)
        }
        guard let newest = used.max(by: { $0.origin.run < $1.origin.run }) else {
            preconditionFailure("a report has a source")
        }
        if let other = used.first(where: { $0.origin.asOf != newest.origin.asOf }) {
            throw ReportError.mixedDays(
                newest.source, newest.origin.asOf, other: other.source, other.origin.asOf)
        }
        let record = try results.run(newest.origin.run)
        self.results = results
        self.calendar = calendar
        asOf = newest.origin.asOf
        run = newest.origin.run
        digest = record?.digest
        settings = record?.start.settings ?? RunSettings()
    }

    /// Calls `body` with each case up to the as-of day and whether it is a success.
    ///
    /// - Parameter days: how many days back cases are wanted, the as-of day the first; `nil` for all.
    func forEachCase(days: Int? = nil, notes: Bool, _ body: (FeedbackCase, Bool) throws -> Void) throws {
        readsRecords = true
        let first = days.map { asOf - ($0 - 1) }
        try results.forEachCase(from: first, upTo: asOf, in: settings.timezone, notes: notes) { item in
            try body(item, item.rating >= settings.successRating.value)
        }
    }

    /// How many cases the records have up to the as-of day.
    func caseCount() throws -> Int {
        try results.caseCount(upTo: asOf, in: settings.timezone)
    }
}
