public import Domain

/// Publishes results.
public protocol ResultStore: Sendable {
    /// Publishes the rows in which results differ from the published ones, with their deltas and the superseded rows, in one
    /// transaction. Blocks until the data is on the disk.
    ///
    /// - Parameters:
    ///   - directory: the diagnosis and treatment of each recommendation that the results name.
    ///   - version: the version of the records that the results were computed from.
    ///   - now: the time that the deltas have.
    func publish(
        _ results: Results, of directory: RecommendationDirectory, version: ClinicVersion, run: RunID, at now: Instant
    ) throws -> Publication

    /// Publishes what a few changes touched, with its deltas and the superseded rows, in one transaction. Blocks until the data
    /// is on the disk.
    func publish(_ touched: TouchedResults, run: RunID, at now: Instant) throws -> Publication

    /// The day and the version of the clinic that the published results were computed from; `nil` where stages disagree.
    func publishedVersion() throws -> PublishedVersion?

    /// The feedback up to a day that was given, edited or withdrawn since effectiveness was published, or that is of a later
    /// day than the published one.
    func pendingFeedback(upTo day: Day, in zone: ClinicTimeZone) throws -> PendingFeedback
}

extension ResultStore {
    /// Publishes results that were computed from a clinic.
    public func publish(_ results: Results, of clinic: Clinic, run: RunID, at now: Instant) throws -> Publication {
        try publish(results, of: clinic.directory, version: clinic.version, run: run, at: now)
    }
}

/// The origin of the published results of a stage.
public struct PublicationOrigin: Equatable, Sendable {
    /// The as-of day of the results.
    public var asOf: Day
    /// The run that computed them.
    public var run: RunID

    /// An origin.
    public init(asOf: Day, run: RunID) {
        self.asOf = asOf
        self.run = run
    }
}

/// The day and the version of the records that all published results were computed from.
public struct PublishedVersion: Equatable, Sendable {
    /// The as-of day of the results.
    public var asOf: Day
    /// The version of the records.
    public var clinic: ClinicVersion
    /// The run that published the scores.
    public var scoresRun: RunID

    /// A version of published results.
    public init(asOf: Day, clinic: ClinicVersion, scoresRun: RunID) {
        self.asOf = asOf
        self.clinic = clinic
        self.scoresRun = scoresRun
    }
}

/// The number of rows and deltas that a publication wrote.
public struct Publication: Equatable, Sendable {
    /// Result rows inserted, updated or removed, by stage.
    public var rowsWritten: [Stage: Int] = [:]
    /// Deltas written for live clients.
    public var deltas = 0

    /// Result rows inserted, updated or removed.
    public var rows: Int { rowsWritten.values.reduce(0, +) }

    /// A publication that wrote nothing yet.
    public init() {}
}

/// Feedback that is newer than the published results.
public struct PendingFeedback: Equatable, Sendable {
    /// The number of feedback given, edited or withdrawn.
    public var feedback: Int
    /// The number of recommendations that it is on.
    public var recommendations: Int
    /// The largest number on one recommendation.
    public var mostOnOne: Int

    /// Counts of feedback.
    public init(feedback: Int, recommendations: Int, mostOnOne: Int) {
        self.feedback = feedback
        self.recommendations = recommendations
        self.mostOnOne = mostOnOne
    }
}
