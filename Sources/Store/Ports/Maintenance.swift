public import Configuration
public import Domain
public import Foundation

/// The database as an operator sees it.
public protocol Maintenance: Sendable {
    /// The location of the database, as the operator named it.
    var location: String { get }

    /// The beginning of the paths of files that accompany the database: absolute, without symbolic links.
    var companionPath: String { get }

    /// What keeps this process from writing to the database; `nil` where nothing does.
    var writeProblem: PermissionProblem? { get }

    /// A damage of the database; `nil` where it is sound. Reads all of it, and blocks meanwhile.
    func problem() throws -> String?

    /// The number of records of each kind. Counting millions takes a while.
    func recordCounts() throws -> RecordCounts

    /// Upper bounds of the number of records of each kind, which are known at once.
    func recordBounds() throws -> RecordCounts

    /// The records with the lowest and the highest id of each kind, where these are outside of 1…`Identifier.largest`. No version
    /// of this program writes such records; reading and computing may fail because of them.
    func recordsOutOfRange() throws -> [(kind: String, id: Int64)]

    /// Writes the whole database as of one moment to a file, which is checked, while others go on reading and writing. An older
    /// backup of that name is replaced.
    ///
    /// - Parameter replace: whether a file that is not a backup may be replaced as well. A file of this database, and one with a
    ///   log beside it, is never replaced.
    /// - Throws: `StoreError`, `UnwritableFile`; an older file of the same name is kept then.
    func backUp(to file: URL, replace: Bool) throws

    /// Deletes what is older than a day: superseded results, runs with their stages and deliveries, and deltas. Records and
    /// published results stay, and so do the runs that these or schedules depend on, and the newest delta, for its number.
    func prune(before day: Day, in zone: ClinicTimeZone) throws -> PruneCounts
}

/// The number of records of each kind.
public struct RecordCounts: Equatable, Sendable {
    /// Patients.
    public var patients: Int
    /// Diagnoses.
    public var diagnoses: Int
    /// Recommendations.
    public var recommendations: Int
    /// Feedback, including withdrawn feedback.
    public var feedback: Int

    /// Counts of records.
    public init(patients: Int, diagnoses: Int, recommendations: Int, feedback: Int) {
        self.patients = patients
        self.diagnoses = diagnoses
        self.recommendations = recommendations
        self.feedback = feedback
    }
}

/// The number of rows that were deleted.
public struct PruneCounts: Equatable, Sendable {
    /// Superseded results.
    public var history = 0
    /// Runs.
    public var runs = 0
    /// Deltas.
    public var deltas = 0
    /// Deliveries.
    public var deliveries = 0

    /// Counts of zero.
    public init() {}
}
