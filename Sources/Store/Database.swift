public import Domain
public import Foundation

/// What the rest of the project asks of a database engine.
///
/// Each engine keeps all of its SQL behind this protocol. Every call is a transaction of its own: it happens as a whole
/// or not at all, and a reader never sees half of one. Errors are `StoreError`.
public protocol Database: Sendable {
    /// Where the database is, as an operator would name it.
    var location: String { get }

    // MARK: Health

    /// What is wrong with the database itself; `nil` where it is sound. It looks at all of it.
    func problem() throws -> String?

    // MARK: Backup

    /// Writes all of the database as of one moment to a file, which is checked, while others go on reading and writing. An
    /// older backup of that name is replaced.
    ///
    /// - Parameter replace: whether a file that is not a backup may be replaced as well. A file of this database, and one with a
    ///   log beside it, is never replaced.
    /// - Throws: `StoreError`, `UnwritableFile`; an older file of the same name stays whole then.
    func backUp(to file: URL, replace: Bool) throws

    // MARK: Records

    /// Runs `body` in one transaction with a writer for the records of `source`; an error undoes all of it.
    ///
    /// - Parameters:
    ///   - source: the source of the records; records of another source with the same ids are refused.
    ///   - firstNumber: the least number that is given to records without one.
    func importRecords<Value>(
        from source: String, at now: Instant, firstNumber: Int64, _ body: (any RecordWriter) throws -> Value
    ) throws -> Value

    /// How many records of each kind there are. To count millions takes a while.
    func recordCounts() throws -> RecordCounts

    /// How many records of each kind there are at most, which is known at once.
    func recordBounds() throws -> RecordCounts

    /// The records with the lowest and the highest id of each kind, where these are outside of 1…`Identifier.largest`. No version
    /// of this program writes such records; reading and computing may fail because of them.
    func recordsOutOfRange() throws -> [(kind: String, id: Int64)]

    /// The clinic's day of the earliest record that has one; `nil` where no record has, or where a record is of `day` or
    /// earlier. It is fast in the latter case only.
    func firstDay(ifAfter day: Day, in zone: ClinicTimeZone) throws -> Day?

    /// How many rows the newest import left out; `nil` where nothing was ever imported.
    func latestRejects() throws -> Int?

    /// Does what several ask for through the API, in one transaction: each order by itself, as a whole or as far as it allows.
    /// Each write is noted in the audit log, and of feedback the followers of its diagnosis are told. Raising the signal is
    /// left to the caller.
    ///
    /// - Returns: what came of each.
    func write(_ orders: [WriteOrder], rules: WriteRules, at now: Instant) throws -> [WriteReceipt]

    /// Runs `body` with the records and what patients see of published results, as of one moment.
    func readAsPatient<Value>(_ body: (any ClinicRecords, any PatientResults) throws -> Value) throws -> Value

    /// Runs `body` with the records and what is published, as of one moment.
    func readClinic<Value>(_ body: (any ClinicRecords, any PublishedResults) throws -> Value) throws -> Value

    /// Everything that a run reads, with days counted in `zone` and nothing later than `asOf` among the cases.
    func clinic(asOf: Day, in zone: ClinicTimeZone) throws -> Clinic

    /// What was written through the API since a clinic was read, in order; `nil` where there are more than `limit` changes,
    /// or where something was imported, so that it is to be read anew. And up to where that is all.
    func changes(after version: ClinicVersion, limit: Int) throws -> (changes: [ClinicChange]?, version: ClinicVersion)

    // MARK: Results

    /// The feedback up to a day that was given, edited or withdrawn since the stage `effectiveness` was published, or that
    /// is of a later day than what was published.
    func pendingFeedback(upTo day: Day, in zone: ClinicTimeZone) throws -> PendingFeedback

    /// Writes what a run changed, with its deltas and the superseded rows, in one transaction.
    ///
    /// - Parameter now: when the deltas say that they were written.
    func publish(_ results: Results, of clinic: Clinic, run: RunID, at now: Instant) throws -> Publication

    /// The day of the published results and up to where they rest on what was written, where all stages are of one day and
    /// one moment; `nil` where they are not.
    func publishedVersion() throws -> PublishedVersion?
    /// Writes what a few changes made of the published results, with its deltas and the superseded rows, in one transaction.
    func publish(_ touched: TouchedResults, run: RunID, at now: Instant) throws -> Publication

    /// Runs `body` with a reader that sees one publication, whatever is published meanwhile.
    func readPublished<Value>(_ body: (any PublishedResults) throws -> Value) throws -> Value

    // MARK: The outbox, for live clients

    /// The sequence number of the newest delta that was ever committed; 0 where there was none.
    func latestSequence() throws -> Int64
    /// Deltas later than `sequence`, in order, at most `limit`; with the herbs of the recommendations that they name.
    ///
    /// - Parameter isWanted: which diagnoses are of interest; deltas of others are passed over, and count towards the limit.
    func outbox(after sequence: Int64, limit: Int, where isWanted: (DiagnosisID) -> Bool) throws -> OutboxPage
    /// The sequence number of the newest delta of a diagnosis for an audience; 0 where there is none.
    func latestSequence(of diagnosis: DiagnosisID, for audience: Delta.Audience) throws -> Int64
    /// Part of what somebody missed who has seen the deltas of a diagnosis up to `sequence`: as many deltas as are stored in
    /// about `bytes`, and at least one, or the whole state where there are more than `limit` deltas, or where some are gone.
    ///
    /// Numbers are compared with those of the diagnosis alone, so that nobody learns of other diagnoses by trying numbers.
    /// Memory is bounded by `bytes` and the size of one delta, apart from the state. To read all parts, call it again with
    /// the number of the last returned delta and the `last` of the first part, until `hasMore` is `false`. Where deltas
    /// were pruned or the database was replaced between two calls, the later one returns the state with a `last` of its own.
    ///
    /// - Parameters:
    ///   - audience: whose deltas, or whose state, is read.
    ///   - last: the number of the last delta to read; `nil` in the first call, for the newest.
    ///   - limit: the most deltas that are returned in all parts together.
    ///   - bytes: the stored size after which a part ends.
    ///   - own: how the patient's own cases are counted in the state for them, as of the day of `now`.
    func missed(
        of diagnosis: DiagnosisID, for audience: Delta.Audience, after sequence: Int64, upTo last: Int64?, limit: Int,
        bytes: Int, own: OwnFigures, at now: Instant
    ) throws -> MissedPart
    /// What commits deltas that other programs have us tell. To be made once, by who tells them.
    func broadcastWriter() throws -> any BroadcastWriter
    /// The patient whose diagnosis it is; `nil` where there is no such diagnosis.
    func patient(of diagnosis: DiagnosisID) throws -> PatientID?
    /// Where something is raised whenever deltas or revocations were committed, by whatever process.
    var signal: OutboxSignal { get }

    // MARK: The audit log

    /// Follows the audit log from its first entry to its last, and compares the records, imports and revocations with it. It
    /// reads all records.
    ///
    /// - Parameter noted: an entry and its hash that somebody noted earlier.
    func auditReport(against noted: (number: Int64, hash: String)?) throws -> AuditReport

    // MARK: Tokens

    /// Notes that tokens count no longer.
    func revoke(_ tokens: RevokedTokens, at now: Instant) throws
    /// What was revoked after the revocation of a number, in order, with the number of the last.
    func revocations(after number: Int64) throws -> (revoked: [RevokedTokens], last: Int64)

    // MARK: Runs

    /// Notes that a run has begun.
    func beginRun(_ run: RunStart) throws -> RunID
    /// Notes the digest of what a run published, in hexadecimal.
    func noteDigest(_ digest: String, of id: RunID) throws
    /// Notes how a run ended.
    func finishRun(_ id: RunID, _ end: RunEnd) throws
    /// Notes that runs which never ended have died. Only one who holds the database's run lock may know that.
    ///
    /// - Returns: those runs.
    func noteDeaths() throws -> [RunRecord]
    /// What is noted of a run; `nil` where there is none of that number.
    func run(_ id: RunID) throws -> RunRecord?
    /// The names of the jobs that ever ran, sorted.
    func jobNames() throws -> [String]
    /// The newest run of a job; `nil` where it never ran.
    func latestRun(of job: String) throws -> RunRecord?
    /// The newest run of a job that published and wrote its reports; `nil` where there is none.
    func latestRunDone(of job: String) throws -> RunRecord?
    /// The latest day, up to `day`, that a job published and wrote its reports for; `nil` where there is none.
    func latestDayDone(by job: String, upTo day: Day) throws -> Day?
    /// The newest run of a job that its schedule asked for, that began before an instant, and that neither died nor was
    /// stopped; `nil` where there is none.
    func latestScheduledRun(of job: String, before: Instant) throws -> RunRecord?
    /// The run that published results of the latest day up to `day`, the newest of several; `nil` where there is none.
    func runOfLatestDay(upTo day: Day) throws -> RunRecord?
    /// The newest runs first, at most `limit`.
    func runs(limit: Int) throws -> [RunRecord]

    // MARK: Released figures

    /// What is noted of releases, by which it shows that a ledger is missing or another one.
    func notedReleases() throws -> NotedReleases
    /// Notes how releases were set up and which months the ledger has. What is noted of a month stays.
    func noteReleases(_ setup: ReleaseSetup, _ months: [LedgerMonth], run: RunID) throws

    // MARK: Deliveries

    /// Notes how a delivery stands, in the ledger's row for it.
    func noteDelivery(_ key: DeliveryKey, _ state: DeliveryState) throws
    /// The ledger's row for a delivery; `nil` where there is none.
    func delivery(_ key: DeliveryKey) throws -> DeliveryRecord?
    /// A row of the ledger by its number; `nil` where there is none.
    func delivery(_ id: DeliveryID) throws -> DeliveryRecord?
    /// The newest rows of the ledger first, at most `limit`.
    func deliveries(limit: Int) throws -> [DeliveryRecord]
    /// The rows that a run wrote last, the newest first.
    func deliveries(of run: RunID) throws -> [DeliveryRecord]

    // MARK: Housekeeping

    /// Deletes what is older than a day: superseded results, runs with their stages and deliveries, and deltas. Records and
    /// published results stay, and so do the runs that these name or that schedules are reckoned from, and the newest delta,
    /// for its number.
    func prune(before day: Day, in zone: ClinicTimeZone) throws -> PruneCounts
}

/// What runs have published and the records it rests on, as of one moment.
public protocol PublishedResults {
    /// Which run the patients' view is from; `nil` before the first.
    func patientPublication() throws -> PatientPublication?
    /// The day that the results of each stage are of, and the run that computed them.
    func origins() throws -> [Stage: PublicationOrigin]
    /// Tallies of a level.
    func tallies(at level: Level) throws -> Keyed<Subject, WindowTallies>
    /// Calls `body` with the tallies of a level one by one, by ascending subject, without holding all of them.
    func forEachTally(at level: Level, _ body: (Subject, WindowTallies) throws -> Void) throws
    /// Tallies of one subject; `nil` where it has no case.
    func tallies(at level: Level, of subject: Subject) throws -> WindowTallies?
    /// Trend of one subject; `nil` where it has no case in the last 90 days.
    func trend(at level: Level, of subject: Subject) throws -> Trend?
    /// The ranking of a diagnosis, best first; empty where it is not active.
    func ranking(of diagnosis: DiagnosisID) throws -> [RankedRecommendation]
    /// The spelling of a herb; its key where none was published.
    func herb(_ term: TermID) throws -> String
    /// Whether the published ranking of a diagnosis rests on all that was written of the diagnosis.
    func isCurrent(_ diagnosis: DiagnosisID) throws -> Bool
    /// The rankings that a recommendation of the diagnosis had, from the first published to the present one.
    func pastPredictions(of diagnosis: DiagnosisID) throws -> [PastPrediction]
    /// Priors of all levels.
    func priors() throws -> [Level: [Window: Prior]]
    /// Trends of a level.
    func trends(at level: Level) throws -> Keyed<Subject, Trend>
    /// Cohorts.
    func cohorts() throws -> Keyed<Subject, Cohort>
    /// Predictions with what live clients were told of them, and the bodies of cases that they rest on.
    func publishedPredictions() throws -> (
        predictions: Keyed<RecommendationID, PublishedPrediction>, bodies: Keyed<Subject, HistoricalBody>
    )
    /// Predictions with the herbs that they are of, by ascending recommendation.
    func rankedRecommendations() throws -> [RankedRecommendation]
    /// Spellings of herbs and conditions.
    func names() throws -> (herbs: TermNames, conditions: TermNames)
    /// What is noted of a run; `nil` where there is none of that number.
    func run(_ id: RunID) throws -> RunRecord?
    /// The runs that began before a run, the newest first.
    func runs(before run: RunID) throws -> [RunRecord]
    /// How many cases there are up to a day.
    func caseCount(upTo asOf: Day, in zone: ClinicTimeZone) throws -> Int
    /// Calls `body` with each case up to a day, by ascending id.
    ///
    /// - Parameters:
    ///   - first: the first day that is asked for; `nil` for all.
    ///   - notes: whether side effects and comments are read; without them both are `nil`.
    func forEachCase(
        from first: Day?, upTo asOf: Day, in zone: ClinicTimeZone, notes: Bool,
        _ body: (FeedbackCase) throws -> Void) throws
}

/// A prediction as it was published for some days.
public struct PastPrediction: Equatable, Sendable {
    /// The recommendation.
    public var recommendation: RecommendationID
    /// What was expected of it.
    public var prediction: Prediction
    /// The day that the run was of which first published it.
    public var since: Day
    /// The day that the run was of which replaced it; `nil` for what is published now.
    public var until: Day?
}

/// Which run the published results of a stage come from.
public struct PublicationOrigin: Equatable, Sendable {
    /// The day that they are of.
    public var asOf: Day
    /// The run.
    public var run: RunID
}

/// Of when the published results are, where all of them are of one moment.
public struct PublishedVersion: Equatable, Sendable {
    /// The day that they are of.
    public var asOf: Day
    /// Up to where they rest on what was written.
    public var clinic: ClinicVersion
    /// The run that published the scores.
    public var scoresRun: RunID
}

/// How many records of each kind the store holds.
public struct RecordCounts: Equatable, Sendable {
    /// Patients.
    public var patients: Int
    /// Diagnoses.
    public var diagnoses: Int
    /// Recommendations.
    public var recommendations: Int
    /// Feedback, withdrawn ones included.
    public var feedback: Int

    /// Counts of records.
    public init(patients: Int, diagnoses: Int, recommendations: Int, feedback: Int) {
        self.patients = patients
        self.diagnoses = diagnoses
        self.recommendations = recommendations
        self.feedback = feedback
    }
}

/// What a publication wrote.
public struct Publication: Equatable, Sendable {
    /// Result rows inserted, updated or removed, by stage.
    public var rowsWritten: [Stage: Int] = [:]
    /// Deltas written for live clients.
    public var deltas = 0

    /// Result rows inserted, updated or removed.
    public var rows: Int { rowsWritten.values.reduce(0, +) }
}

/// Feedback that the published results have not seen.
public struct PendingFeedback: Equatable, Sendable {
    /// How many were given, edited or withdrawn.
    public var feedback: Int
    /// How many recommendations they are on.
    public var recommendations: Int
    /// The most on one recommendation.
    public var mostOnOne: Int

    /// Counts of feedback.
    public init(feedback: Int, recommendations: Int, mostOnOne: Int) {
        self.feedback = feedback
        self.recommendations = recommendations
        self.mostOnOne = mostOnOne
    }
}

/// How much was deleted.
public struct PruneCounts: Equatable, Sendable {
    /// Superseded results.
    public var history = 0
    /// Runs.
    public var runs = 0
    /// Deltas.
    public var deltas = 0
    /// Rows of the delivery ledger.
    public var deliveries = 0

    /// Nothing yet.
    public init() {}
}
