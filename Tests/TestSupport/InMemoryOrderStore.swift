public import Domain
public import Store
import Synchronization

/// An order store in memory, without any SQL: order processing must give the same on it as on an engine.
public final class InMemoryOrderStore: OrderStore {
    /// What it holds.
    public struct State: Sendable {
        /// Patients by number.
        public var patients: [PatientID: Patient] = [:]
        /// Diagnoses by number.
        public var diagnoses: [DiagnosisID: Diagnosis] = [:]
        /// Recommendations by number.
        public var recommendations: [RecommendationID: Recommendation] = [:]
        /// Feedback by number.
        public var feedback: [FeedbackID: Feedback] = [:]
        /// The subjects that gave feedback.
        public var authors: [FeedbackID: String] = [:]
        /// The audit log.
        public var audit: [AuditEntry] = []
        /// The outbox.
        public var outbox: [Delta] = []
        fileprivate var answers: [AnswerKey: (answer: StoredAnswer, at: Instant)] = [:]

        /// Nothing.
        public init() {}
    }

    fileprivate struct AnswerKey: Hashable {
        let key: String
        let subject: String
        let role: Role
        let patient: PatientID?
    }

    private let state: Mutex<State>

    /// A store that holds records from files.
    public init(_ state: State) { self.state = Mutex(state) }

    /// What it holds now.
    public var current: State { state.withLock { $0 } }

    /// Runs `body` on a copy, which replaces the state unless it throws.
    public func inOrderTransaction<Value>(
        at now: Instant, _ body: (any OrderTransaction) throws -> Value
    ) throws -> Value {
        let transaction = Transaction(current)
        let value = try body(transaction)
        state.withLock { $0 = transaction.state }
        return value
    }

    private final class Transaction: OrderTransaction {
        var state: State

        init(_ state: State) { self.state = state }

        func withSavepoint(_ body: () throws -> Bool) throws {
            let before = state
            if try !body() { state = before }
        }

        // MARK: Idempotency keys

        private func answerKey(_ key: IdempotencyKey, _ requester: Requester) -> AnswerKey {
            AnswerKey(key: key.text, subject: requester.subject, role: requester.role, patient: requester.patient)
        }

        func storedAnswer(for key: IdempotencyKey, of requester: Requester) -> StoredAnswer? {
            state.answers[answerKey(key, requester)]?.answer
        }

        func store(_ answer: StoredAnswer, for key: IdempotencyKey, of requester: Requester, at now: Instant) {
            state.answers[answerKey(key, requester)] = (answer, now)
        }

        func deleteAnswers(storedBefore instant: Instant) {
            state.answers = state.answers.filter { $0.value.at >= instant }
        }

        // MARK: Records

        func patient(of recommendation: RecommendationID) -> PatientID? {
            state.recommendations[recommendation].flatMap { state.diagnoses[$0.diagnosis]?.patient }
        }

        func storedFeedback(_ id: FeedbackID) -> StoredFeedback? {
            state.feedback[id].map {
                StoredFeedback(record: $0, displacement: state.authors[id] == nil ? "from a file" : nil)
            }
        }

        func author(of feedback: FeedbackID) -> String? { state.authors[feedback] }

        func setAuthor(_ subject: String, of feedback: FeedbackID) { state.authors[feedback] = subject }

        func freeNumber(for kind: RecordKind) -> Int64 {
            let numbers: [Int64] =
                switch kind {
                case .patient: state.patients.keys.map(\.rawValue)
                case .diagnosis: state.diagnoses.keys.map(\.rawValue)
                case .recommendation: state.recommendations.keys.map(\.rawValue)
                case .feedback: state.feedback.keys.map(\.rawValue)
                case .row: []
                }
            return (numbers.max() ?? 0) + 1
        }

        func insert(_ record: WrittenRecord) -> InsertOutcome {
            switch record {
            case .patient(let patient):
                if let known = state.patients[patient.id] { return .exists(isSame: known == patient) }
                state.patients[patient.id] = patient
            case .diagnosis(let diagnosis):
                if let known = state.diagnoses[diagnosis.id] { return .exists(isSame: known == diagnosis) }
                guard state.patients[diagnosis.patient] != nil else { return .missingParent }
                state.diagnoses[diagnosis.id] = diagnosis
            case .recommendation(let recommendation):
                if let known = state.recommendations[recommendation.id] {
                    return .exists(isSame: known == recommendation)
                }
                guard let diagnosis = state.diagnoses[recommendation.diagnosis] else { return .missingParent }
                guard !isTooEarly(recommendation.createdAt, after: diagnosis.createdAt) else { return .tooEarly }
                state.recommendations[recommendation.id] = recommendation
            case .feedback(let feedback):
                if let known = state.feedback[feedback.id] { return .exists(isSame: known == feedback) }
                guard let recommendation = state.recommendations[feedback.recommendation] else { return .missingParent }
                guard !isTooEarly(feedback.createdAt, after: recommendation.createdAt) else { return .tooEarly }
                state.feedback[feedback.id] = feedback
            }
            return .inserted
        }

        private func isTooEarly(_ instant: Instant, after parent: Instant) -> Bool {
            parent.seconds - instant.seconds > 366 * 86_400
        }

        func replace(_ before: Feedback, by after: Feedback) -> Bool {
            state.feedback[after.id] = after
            return true
        }

        func importNumber() -> Int64 { 2 }

        // MARK: Counts

        private func feedback(on recommendation: RecommendationID) -> [Feedback] {
            state.feedback.values.filter { $0.recommendation == recommendation }.sorted { $0.id < $1.id }
        }

        func feedbackCount(
            on recommendation: RecommendationID, from start: Instant, until end: Instant, limit: Int
        ) -> Int {
            min(limit, feedback(on: recommendation).count { $0.createdAt >= start && $0.createdAt < end })
        }

        func unpublishedFeedbackCount(on recommendation: RecommendationID, limit: Int) -> Int {
            // Nothing was ever published here.
            min(limit, feedback(on: recommendation).count)
        }

        func counts(of recommendation: RecommendationID, by figures: OwnFigures, asOf day: Day) -> WindowCounts? {
            WindowCounts(ofCasesIn: figures.tallies(of: feedback(on: recommendation), asOf: day))
        }

        func summary(of recommendation: RecommendationID) -> FeedbackSummary? {
            guard let diagnosis = state.recommendations[recommendation]?.diagnosis else { return nil }
            var summary = FeedbackSummary(of: recommendation, in: diagnosis)
            for feedback in feedback(on: recommendation) where feedback.deletedAt == nil {
                summary.tally.samples += 1
                summary.tally.ratingSum += Int32(feedback.rating.value)
            }
            return summary
        }

        // MARK: Audit log and outbox

        func append(_ entry: AuditEntry) { state.audit.append(entry) }

        func append(_ change: Delta.Change, of diagnosis: DiagnosisID, at now: Instant) {
            state.outbox.append(
                Delta(sequence: Int64(state.outbox.count + 1), diagnosis: diagnosis, at: now, change: change))
        }
    }
}
