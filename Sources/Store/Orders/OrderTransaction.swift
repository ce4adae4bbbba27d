public import Domain

/// What order processing asks of an engine, inside one write transaction.
///
/// No call decides anything: the rules are in `OrderProcessor`. All calls block, and throw `StoreError` or an error of the engine,
/// which undoes the transaction.
public protocol OrderTransaction: AnyObject {
    // MARK: Savepoints

    /// Runs `body`, and undoes everything that it wrote where it returns `false` or throws.
    func withSavepoint(_ body: () throws -> Bool) throws

    // MARK: Idempotency keys

    /// The answer that is stored for a key of a requester; `nil` where there is none. A key counts for one subject in one role and
    /// for one patient.
    func storedAnswer(for key: IdempotencyKey, of requester: Requester) throws -> StoredAnswer?
    /// Stores the answer for a key that has none.
    func store(_ answer: StoredAnswer, for key: IdempotencyKey, of requester: Requester, at now: Instant) throws
    /// Deletes answers that were stored before an instant. It may leave some for the next call, so that the cost is bounded.
    func deleteAnswers(storedBefore instant: Instant) throws

    // MARK: Records

    /// The patient of a recommendation; `nil` where there is no such recommendation.
    func patient(of recommendation: RecommendationID) throws -> PatientID?
    /// A feedback, also a withdrawn one; `nil` where there is none of that number.
    func storedFeedback(_ id: FeedbackID) throws -> StoredFeedback?
    /// The subject that gave a feedback; `nil` where a file brought it.
    func author(of feedback: FeedbackID) throws -> String?
    /// Stores the subject that gave a feedback.
    func setAuthor(_ subject: String, of feedback: FeedbackID) throws
    /// A number that no record of the kind has.
    func freeNumber(for kind: RecordKind) throws -> Int64
    /// Inserts a record with its number.
    func insert(_ record: WrittenRecord) throws -> InsertOutcome
    /// Replaces a stored feedback by one of the same number.
    ///
    /// - Returns: `false` where it was refused because it is dated too long before its recommendation.
    func replace(_ before: Feedback, by after: Feedback) throws -> Bool
    /// The number of the import that records written in this transaction belong to.
    func importNumber() throws -> Int64

    // MARK: Counts

    /// The number of feedback on a recommendation, withdrawn feedback included, that were given from `start` until before `end`,
    /// counted up to `limit`.
    func feedbackCount(
        on recommendation: RecommendationID, from start: Instant, until end: Instant, limit: Int
    ) throws -> Int
    /// The number of feedback on a recommendation that were written since effectiveness was published, counted up to `limit`.
    func unpublishedFeedbackCount(on recommendation: RecommendationID, limit: Int) throws -> Int
    /// The cases and successes of a recommendation as of a day; `nil` where it has no case.
    func counts(of recommendation: RecommendationID, by figures: OwnFigures, asOf day: Day) throws -> WindowCounts?
    /// A summary of the feedback on a recommendation; `nil` where there is no such recommendation.
    func summary(of recommendation: RecommendationID) throws -> FeedbackSummary?

    // MARK: Audit log and outbox

    /// Appends an entry to the audit log.
    func append(_ entry: AuditEntry) throws
    /// Appends a delta for the followers of a diagnosis to the outbox.
    func append(_ change: Delta.Change, of diagnosis: DiagnosisID, at now: Instant) throws
}

/// The answer to an order, as it is stored for its key.
public struct StoredAnswer: Equatable, Sendable {
    /// The digest of what was asked for.
    public var fingerprint: String
    /// The answer.
    public var answer: WriteAnswer
    /// Positions of the items that were refused.
    public var refused: Set<Int>

    /// An answer to store.
    public init(fingerprint: String, answer: WriteAnswer, refused: Set<Int>) {
        self.fingerprint = fingerprint
        self.answer = answer
        self.refused = refused
    }
}

/// A feedback with its origin.
public struct StoredFeedback: Equatable, Sendable {
    /// The feedback.
    public var record: Feedback
    /// How the audit log describes the record that a file brought, before an order changes it; `nil` where an order brought it.
    public var displacement: String?

    /// A feedback with its origin.
    public init(record: Feedback, displacement: String?) {
        self.record = record
        self.displacement = displacement
    }
}

/// The outcome of inserting a record.
public enum InsertOutcome: Equatable, Sendable {
    /// It was inserted.
    case inserted
    /// The record that it refers to is not stored.
    case missingParent
    /// It is dated too long before the record that it refers to.
    case tooEarly
    /// A record of the same kind and number is stored; whether it has the same content.
    case exists(isSame: Bool)
}
