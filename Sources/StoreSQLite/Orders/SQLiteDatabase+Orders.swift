public import Domain
import GRDB
public import Store

extension SQLiteDatabase {
    /// Runs `body` in one write transaction, which an error undoes.
    public func inOrderTransaction<Value>(
        at now: Instant, _ body: (any OrderTransaction) throws -> Value
    ) throws -> Value {
        try write { try body(SQLiteOrderTransaction($0, now: now)) }
    }
}

/// The write transaction of a connection, for order processing.
private final class SQLiteOrderTransaction: OrderTransaction {
    private let db: GRDB.Database
    private let now: Instant
    private let keys: IdempotencyTable
    private let sums: FeedbackSums
    private var records: OrderRecords
    private var audit: AuditChain
    private let outbox: DeltaTable

    init(_ db: GRDB.Database, now: Instant) throws {
        self.db = db
        self.now = now
        keys = IdempotencyTable(db: db)
        sums = FeedbackSums(db)
        records = try OrderRecords(db, now: now)
        audit = try AuditChain(db)
        outbox = DeltaTable(db)
    }

    func withSavepoint(_ body: () throws -> Bool) throws {
        let before = audit
        var isKept = false
        try db.inSavepoint {
            isKept = try body()
            return isKept ? .commit : .rollback
        }
        guard !isKept else { return }
        // The hash of the newest entry, and the names and numbers that are remembered, are those from before.
        audit = before
        records = try OrderRecords(db, now: now)
    }

    // MARK: Idempotency keys

    func storedAnswer(for key: IdempotencyKey, of requester: Requester) throws -> StoredAnswer? {
        try keys.answer(for: key, of: requester)
    }

    func store(_ answer: StoredAnswer, for key: IdempotencyKey, of requester: Requester, at now: Instant) throws {
        try keys.store(answer, for: key, of: requester, at: now)
    }

    func deleteAnswers(storedBefore instant: Instant) throws { try keys.delete(storedBefore: instant) }

    // MARK: Records

    func patient(of recommendation: RecommendationID) throws -> PatientID? {
        try RecordReader(db: db).patient(of: recommendation)
    }

    func storedFeedback(_ id: FeedbackID) throws -> StoredFeedback? {
        try records.feedback(id).map { record, importID, source in
            let isFromFile = source != OrderRecords.source
            return StoredFeedback(
                record: record, displacement: isFromFile ? DisplacedRecord(record, of: importID).description : nil)
        }
    }

    func author(of feedback: FeedbackID) throws -> String? { try records.author(of: feedback) }

    func setAuthor(_ subject: String, of feedback: FeedbackID) throws {
        try records.noteAuthor(subject, of: feedback)
    }

    func freeNumber(for kind: RecordKind) throws -> Int64 {
        switch kind {
        case .patient: try records.nextID(Patient.self).rawValue
        case .diagnosis: try records.nextID(Diagnosis.self).rawValue
        case .recommendation: try records.nextID(Recommendation.self).rawValue
        case .feedback: try records.nextID(Feedback.self).rawValue
        case .row: preconditionFailure("orders have no rows of files")
        }
    }

    func insert(_ record: WrittenRecord) throws -> InsertOutcome {
        switch record {
        case .patient(let patient): try outcome(of: records.insert(patient), patient)
        case .diagnosis(let diagnosis): try outcome(of: records.insert(diagnosis), diagnosis)
        case .recommendation(let recommendation): try outcome(of: records.insert(recommendation), recommendation)
        case .feedback(let feedback):
            try outcome(
                of: sums.update(from: nil, to: feedback, importID: importNumber()) { try records.insert(feedback) },
                feedback)
        }
    }

    /// - Parameter constraint: the constraint that refused the record; `nil` where it was inserted.
    private func outcome(of constraint: ResultCode?, _ record: some StoredRecord) throws -> InsertOutcome {
        switch constraint {
        case nil: .inserted
        case ResultCode.SQLITE_CONSTRAINT_FOREIGNKEY: .missingParent
        case ResultCode.SQLITE_CONSTRAINT_NOTNULL: .tooEarly
        default: .exists(isSame: try records.known(record) == record)
        }
    }

    func replace(_ before: Feedback, by after: Feedback) throws -> Bool {
        try sums.update(from: before, to: after, importID: try importNumber()) { try records.update(after) } == nil
    }

    func importNumber() throws -> Int64 { try records.currentImport() }

    // MARK: Counts

    func feedbackCount(
        on recommendation: RecommendationID, from start: Instant, until end: Instant, limit: Int
    ) throws -> Int {
        try sums.count(on: recommendation, from: start, to: end, limit: limit)
    }

    func unpublishedFeedbackCount(on recommendation: RecommendationID, limit: Int) throws -> Int {
        let published = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT last_import FROM publications WHERE stage = ?"),
            arguments: [Stage.effectiveness.rawValue])
        return try sums.count(on: recommendation, afterImport: published ?? 0, limit: limit)
    }

    func counts(of recommendation: RecommendationID, by figures: OwnFigures, asOf day: Day) throws -> WindowCounts? {
        try OwnCounts(db: db, figures: figures).counts(of: recommendation, asOf: day)
    }

    func summary(of recommendation: RecommendationID) throws -> FeedbackSummary? {
        try RecordReader(db: db).summary(of: recommendation)
    }

    // MARK: Audit log and outbox

    func append(_ entry: AuditEntry) throws { try audit.append(entry) }

    func append(_ change: Delta.Change, of diagnosis: DiagnosisID, at now: Instant) throws {
        var sequence = try outbox.latestSequence()
        var batch = DeltaBatch()
        batch.append(change, of: diagnosis)
        let row = batch.takeRow(after: &sequence, isBatch: false, run: RunID(rawValue: 0), at: now)
        if let row { try outbox.append(row) }
    }
}
