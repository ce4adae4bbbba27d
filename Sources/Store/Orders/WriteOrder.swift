public import Domain

/// Something that somebody asks to be written through the API: written as a whole or, where it says so, item by item.
public struct WriteOrder: Sendable {
    /// Who asks.
    public var requester: Requester
    /// The request that it came with, for the audit log.
    public var request: String
    /// By which it is known when it comes again; `nil` where it counts each time.
    public var idempotency: IdempotencyKey?
    /// What is to be written.
    public var change: RecordChange
    /// Whether what can be written of several is written where others are refused; else all are refused.
    public var allowsParts: Bool
    /// Makes the answer where something was written. It is kept with the key and given again when the order comes again.
    public var answer: @Sendable ([ItemOutcome]) -> WriteAnswer

    /// Something to be written.
    public init(
        requester: Requester, request: String, idempotency: IdempotencyKey?, change: RecordChange,
        allowsParts: Bool = false, answer: @escaping @Sendable ([ItemOutcome]) -> WriteAnswer
    ) {
        self.requester = requester
        self.request = request
        self.idempotency = idempotency
        self.change = change
        self.allowsParts = allowsParts
        self.answer = answer
    }
}

/// The rules of the clinic that decide whether an order is refused.
public struct WriteRules: Sendable {
    /// Seconds for which a feedback may be edited or withdrawn.
    public var editTime: Int64
    /// How many new or changed feedback on one recommendation call for a computation.
    public var feedbackTrigger: Int
    /// The most feedback on one recommendation on one day of the clinic, withdrawn feedback included, whoever gave it.
    /// Services and admins are not limited.
    public var feedbackPerDay: Int
    /// The zone in which days are counted.
    public var timezone: ClinicTimeZone
    /// The least rating that is a success.
    public var successRating: Rating

    /// Rules of a clinic.
    public init(
        editTime: Int64, feedbackTrigger: Int, feedbackPerDay: Int, timezone: ClinicTimeZone, successRating: Rating
    ) {
        self.editTime = editTime
        self.feedbackTrigger = feedbackTrigger
        self.feedbackPerDay = feedbackPerDay
        self.timezone = timezone
        self.successRating = successRating
    }
}

/// By which an order is known when its sender, who heard no answer, sends it again. It counts for one requester: a subject in one
/// role and for one patient.
public struct IdempotencyKey: Equatable, Sendable {
    /// Seconds for which it is remembered.
    public static let lifetime: Int64 = 86_400

    /// What the sender calls it.
    public var text: String
    /// Digest of what was asked for: one key is not for two things.
    public var fingerprint: String

    /// A key with the digest of what it is for.
    public init(text: String, fingerprint: String) {
        self.text = text
        self.fingerprint = fingerprint
    }
}

/// What is to be written.
public enum RecordChange: Sendable {
    /// New feedback.
    case submit([FeedbackDraft])
    /// Another judgement in place of that of a feedback.
    case edit(FeedbackID, Judgement)
    /// A feedback that counts no longer.
    case withdraw(FeedbackID)
    /// New patients.
    case addPatients([NewRecord<Patient>])
    /// New diagnoses of patients who are there.
    case addDiagnoses([NewRecord<Diagnosis>])
    /// New recommendations of diagnoses that are there.
    case addRecommendations([NewRecord<Recommendation>])
}

/// A record that is to be added.
public struct NewRecord<Record: Sendable>: Sendable {
    /// Its number, where its sender has one for it; else the next that is free.
    public var id: Identifier<Record>?
    /// The record; its own number is not looked at.
    public var record: Record

    /// A record with a number, or one that gets one.
    public init(id: Identifier<Record>?, record: Record) {
        self.id = id
        self.record = record
    }
}

/// What somebody says of a recommendation.
public struct Judgement: Equatable, Sendable {
    /// Judgement in all.
    public var rating: Rating
    /// How far the symptoms improved, where said.
    public var improvement: Rating?
    /// How much was taken, where said.
    public var compliance: Compliance?
    /// Side effects, each trimmed.
    public var sideEffects: [String]
    /// Free text of at most `Feedback.longestComment` characters.
    public var comment: String?

    /// A judgement with checked values.
    public init(
        rating: Rating, improvement: Rating?, compliance: Compliance?, sideEffects: [String], comment: String?
    ) {
        self.rating = rating
        self.improvement = improvement
        self.compliance = compliance
        self.sideEffects = sideEffects
        self.comment = comment
    }
}

/// A feedback that is to be given.
public struct FeedbackDraft: Equatable, Sendable {
    /// What is judged.
    public var recommendation: RecommendationID
    /// The judgement.
    public var judgement: Judgement

    /// A feedback that is to be given.
    public init(recommendation: RecommendationID, judgement: Judgement) {
        self.recommendation = recommendation
        self.judgement = judgement
    }
}

/// What came of one item of an order.
public typealias ItemOutcome = Result<WrittenRecord, WriteRefusal>

/// A record as it stands after it was written.
public enum WrittenRecord: Sendable {
    /// A feedback; withdrawn where `deletedAt` says so.
    case feedback(Feedback)
    /// A patient.
    case patient(Patient)
    /// A diagnosis.
    case diagnosis(Diagnosis)
    /// A recommendation.
    case recommendation(Recommendation)
}

/// Why something was not written.
public enum WriteRefusal: Error, Equatable, Sendable {
    /// There is no such record, or none that the requester may know of.
    case missing(String)
    /// The number is taken by a record with other content.
    case taken(String)
    /// Somebody else wrote it.
    case notTheAuthor
    /// It is dated before the record that it refers to; why.
    case tooEarly(String)
    /// It was given longer ago than it may be changed, in seconds.
    case tooLate(Int64)
    /// The recommendation has as much feedback of this day as is allowed; more is taken after some seconds.
    case tooMany(RecommendationID, limit: Int, retryAfter: Int64)
}

/// The answer to an order, which its sender gets again with the same key. The store keeps it and does not interpret it.
public struct WriteAnswer: Equatable, Sendable {
    /// A code for the kind of answer, as the protocol of the sender has it.
    public var status: Int
    /// The text of the answer.
    public var body: String

    /// An answer.
    public init(status: Int, body: String) {
        self.status = status
        self.body = body
    }
}

/// What came of an order.
public struct WriteReceipt: Equatable, Sendable {
    /// How it ended.
    public var end: End
    /// Whether a recommendation now has as much feedback that the published results have not seen as calls for a computation.
    public var callsForRun = false
    /// Whether something was written that live clients are told.
    public var hasNews = false

    /// The receipt of an order.
    public init(end: End, callsForRun: Bool = false, hasNews: Bool = false) {
        self.end = end
        self.callsForRun = callsForRun
        self.hasNews = hasNews
    }

    /// How an order ended.
    public enum End: Equatable, Sendable {
        /// It was written, now or, where it was `repeated`, when it came before. An answer is repeated only while the records
        /// that it wrote are the requester's.
        case written(WriteAnswer, repeated: Bool)
        /// Nothing was written: why, by position of the item.
        case refused([Int: WriteRefusal])
        /// Its key was used for another order.
        case keyTaken
    }
}
