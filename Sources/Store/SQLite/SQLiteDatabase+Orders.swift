public import Domain
import GRDB

extension SQLiteDatabase {
    /// Does what several ask for, in one transaction, each order by itself.
    public func write(_ orders: [WriteOrder], rules: WriteRules, at now: Instant) throws -> [WriteReceipt] {
        try write { db in
            try IdempotencyTable(db: db).forget(before: now)
            var writer = try OrderWriter(db, rules: rules, now: now)
            return try orders.map { try writer.write($0) }
        }
    }
}

/// Writes orders inside one transaction. An order that is refused leaves no trace.
private struct OrderWriter {
    private let db: GRDB.Database
    private let rules: WriteRules
    private let now: Instant
    private let keys: IdempotencyTable
    private let sums: FeedbackSums
    private let own: OwnFigures
    private var records: OrderRecords
    private var audit: AuditChain
    /// The changes of feedback that an order made, in order.
    private var changes: [(before: Feedback?, after: Feedback)] = []

    init(_ db: GRDB.Database, rules: WriteRules, now: Instant) throws {
        self.db = db
        self.rules = rules
        self.now = now
        keys = IdempotencyTable(db: db)
        sums = FeedbackSums(db)
        own = OwnFigures(timezone: rules.timezone, successRating: rules.successRating)
        records = try OrderRecords(db, now: now)
        audit = try AuditChain(db)
    }

    mutating func write(_ order: WriteOrder) throws -> WriteReceipt {
        if let key = order.idempotency, let known = try keys.known(key, of: order.requester) {
            guard known.fingerprint == key.fingerprint else { return WriteReceipt(end: .keyTaken) }
            let refusals = try ownershipRefusals(of: order, except: known.refused)
            return WriteReceipt(end: refusals.isEmpty ? .written(known.answer, repeated: true) : .refused(refusals))
        }
        let before = audit
        changes = []
        var outcomes: [ItemOutcome] = []
        var refusals: [Int: WriteRefusal] = [:]
        var isWritten = false
        try db.inSavepoint {
            outcomes = try perform(order)
            for (position, outcome) in outcomes.enumerated() {
                if case .failure(let refusal) = outcome { refusals[position] = refusal }
            }
            isWritten = refusals.isEmpty || order.allowsParts && refusals.count < outcomes.count
            return isWritten ? .commit : .rollback
        }
        guard isWritten else {
            // What was noted of it is undone, and so is what is remembered of what was noted.
            audit = before
            records = try OrderRecords(db, now: now)
            return WriteReceipt(end: .refused(refusals))
        }
        let answer = order.answer(outcomes)
        if let key = order.idempotency {
            try keys.note(key, of: order.requester, answer, refused: Array(refusals.keys), at: now)
        }
        // An edit that changes nothing is no news: its messages would let anybody sample the numbers of others'.
        let judged = Set(changes.map(\.after.recommendation))
        for recommendation in judged.sorted() { try tell(of: recommendation) }
        return WriteReceipt(
            end: .written(answer, repeated: false),
            callsForRun: try judged.contains { try pending(on: $0) >= rules.feedbackTrigger }, hasNews: !judged.isEmpty)
    }

    // MARK: What is asked for

    private mutating func perform(_ order: WriteOrder) throws -> [ItemOutcome] {
        switch order.change {
        case .submit(let drafts): try drafts.map { try submit($0, order) }
        case .edit(let id, let judgement): [try change(id, order, "feedback.edit") { $0.judgement = judgement }]
        case .withdraw(let id):
            [try change(id, order, "feedback.withdraw") { [now] in $0.deletedAt = now }]
        case .addPatients(let new): try new.map { try add($0, order) { .patient($0) } }
        case .addDiagnoses(let new): try new.map { try add($0, order) { .diagnosis($0) } }
        case .addRecommendations(let new): try new.map { try add($0, order) { .recommendation($0) } }
        }
    }

    // MARK: Ownership

    /// Why an order that was answered before may not be answered again: the records that it wrote are not, or no longer, the
    /// requester's.
    ///
    /// - Parameter refused: positions of the items that were refused, and of which the answer says nothing else.
    private func ownershipRefusals(of order: WriteOrder, except refused: Set<Int>) throws -> [Int: WriteRefusal] {
        let requester = order.requester
        switch order.change {
        case .submit(let drafts):
            var refusals: [Int: WriteRefusal] = [:]
            for (position, draft) in drafts.enumerated() where !refused.contains(position) {
                refusals[position] = try ownershipRefusal(of: draft, by: requester)
            }
            return refusals
        case .edit(let id, _), .withdraw(let id):
            guard let feedback = try records.feedback(id)?.record else { return [0: .missing("feedback \(id)")] }
            return try ownershipRefusal(of: feedback, by: requester).map { [0: $0] } ?? [:]
        case .addPatients, .addDiagnoses, .addRecommendations: return [:]
        }
    }

    private func ownershipRefusal(of draft: FeedbackDraft, by requester: Requester) throws -> WriteRefusal? {
        guard let owner = try RecordReader(db: db).patient(of: draft.recommendation), requester.owns(recordsOf: owner)
        else { return .missing("recommendation \(draft.recommendation)") }
        return nil
    }

    private func ownershipRefusal(of feedback: Feedback, by requester: Requester) throws -> WriteRefusal? {
        guard let owner = try RecordReader(db: db).patient(of: feedback.recommendation),
            requester.owns(recordsOf: owner)
        else { return .missing("feedback \(feedback.id)") }
        // The author of imported feedback is the patient.
        let author = try records.author(of: feedback.id)
        let isAuthor = author.map { $0 == requester.subject } ?? (requester.patient == owner)
        return isAuthor || requester.role == .admin ? nil : .notTheAuthor
    }

    // MARK: Changes

    private mutating func submit(_ draft: FeedbackDraft, _ order: WriteOrder) throws -> ItemOutcome {
        if let refusal = try ownershipRefusal(of: draft, by: order.requester) { return .failure(refusal) }
        if let refusal = try refusal(on: draft.recommendation, by: order.requester) { return .failure(refusal) }
        var feedback = Feedback(
            id: try records.nextID(Feedback.self), recommendation: draft.recommendation,
            rating: draft.judgement.rating, improvement: nil, compliance: nil, sideEffects: [], comment: nil,
            createdAt: now, deletedAt: nil)
        feedback.judgement = draft.judgement
        let importID = try records.currentImport()
        let constraint = try sums.update(from: nil, to: feedback, importID: importID) { try records.insert(feedback) }
        guard constraint == nil else { return .failure(.tooEarly(Feedback.tooEarly)) }
        changes.append((nil, feedback))
        try records.noteAuthor(order.requester.subject, of: feedback.id)
        try audit.append(
            AuditEntry(order, "feedback.submit", after: feedback, in: importID, at: now))
        return .success(.feedback(feedback))
    }

    /// Refuses more feedback on a recommendation than a day may have.
    private func refusal(on recommendation: RecommendationID, by requester: Requester) throws -> WriteRefusal? {
        // Services write what other programs collected, and admins mend.
        guard requester.role != .service, requester.role != .admin else { return nil }
        let today = rules.timezone.day(of: now)
        let (start, end) = (rules.timezone.instant(on: today, hour: 0), rules.timezone.instant(on: today + 1, hour: 0))
        let given = try sums.count(on: recommendation, from: start, to: end, limit: rules.feedbackPerDay)
        guard given >= rules.feedbackPerDay else { return nil }
        let wait = (end.microseconds - now.microseconds + 999_999) / 1_000_000
        return .tooMany(recommendation, limit: rules.feedbackPerDay, retryAfter: max(wait, 1))
    }

    private mutating func change(
        _ id: FeedbackID, _ order: WriteOrder, _ action: String, _ body: (inout Feedback) -> Void
    ) throws -> ItemOutcome {
        guard let (before, formerImport, source) = try records.feedback(id), before.deletedAt == nil else {
            return .failure(.missing("feedback \(id)"))
        }
        if let refusal = try ownershipRefusal(of: before, by: order.requester) { return .failure(refusal) }
        guard now.microseconds - before.createdAt.microseconds <= rules.editTime * 1_000_000 else {
            return .failure(.tooLate(rules.editTime))
        }
        var after = before
        body(&after)
        if after != before {
            let importID = try records.currentImport()
            let constraint = try sums.update(from: before, to: after, importID: importID) { try records.update(after) }
            guard constraint == nil else { return .failure(.tooEarly(Feedback.tooEarly)) }
            changes.append((before, after))
            var entry = AuditEntry(order, action, after: after, in: importID, at: now)
            entry.before = before.auditText
            if source != OrderRecords.source { entry.displaced = DisplacedRecord(before, of: formerImport).description }
            try audit.append(entry)
        }
        return .success(.feedback(after))
    }

    private mutating func add<Record: AuditedRecord & Sendable>(
        _ new: NewRecord<Record>, _ order: WriteOrder, _ written: (Record) -> WrittenRecord
    ) throws -> ItemOutcome where Record.Kind == Record {
        var record = new.record
        record.id = try new.id ?? records.nextID(Record.self)
        switch try records.insert(record) {
        case nil:
            try audit.append(
                AuditEntry(order, "\(Record.kind).create", after: record, in: records.currentImport(), at: now))
            return .success(written(record))
        case ResultCode.SQLITE_CONSTRAINT_FOREIGNKEY: return .failure(.missing(record.parent ?? "what it refers to"))
        case ResultCode.SQLITE_CONSTRAINT_NOTNULL: return .failure(.tooEarly(Record.tooEarly))
        default:
            // The same again is no mistake: it is as it was asked to be.
            let isSame = try records.known(record) == record
            return isSame ? .success(written(record)) : .failure(.taken("\(Record.kind) \(record.id)"))
        }
    }

    // MARK: What follows

    /// Tells the followers of the diagnosis how the feedback on a recommendation stands.
    private func tell(of recommendation: RecommendationID) throws {
        guard let summary = try RecordReader(db: db).summary(of: recommendation) else { return }
        try NoFreeNumber.check(after: OutboxReader(db: db).latestSequence(), in: "deltas")
        try db.cachedStatement(sql: "INSERT INTO deltas (run_id, diagnosis_id, type, data, at) VALUES (0, ?, ?, ?, ?)")
            .execute(arguments: [
                summary.diagnosis.rawValue, Delta.Kind.feedback.rawValue, summary.json.description, now.microseconds,
            ])
        try tellOwnEffectiveness(of: recommendation, in: summary.diagnosis)
    }

    /// The most feedback of the last 90 days from which the effectiveness is counted at a write, so that a write costs the
    /// same however much there is. A patient reaches it only where `feedbackPerDay` is more than three.
    private static let mostCounted = 300

    /// Tells the patient how their own feedback changed the effectiveness of a recommendation, without waiting for a run: when
    /// that comes depends on others. Where there is very much feedback, the message is left out.
    private func tellOwnEffectiveness(of recommendation: RecommendationID, in diagnosis: DiagnosisID) throws {
        let today = own.day(of: now)
        let counts = OwnCounts(db: db, figures: own)
        let recent = try sums.count(
            on: recommendation, from: counts.recentStart(asOf: today), to: Instant(microseconds: .max),
            limit: Self.mostCounted + 1)
        guard recent <= Self.mostCounted else { return }
        let new = try counts.counts(of: recommendation, asOf: today)
        var old = new
        for (before, after) in changes.reversed() where after.recommendation == recommendation {
            old = WindowCounts.adding(after, factor: -1, to: old, own, asOf: today)
            if let before { old = WindowCounts.adding(before, factor: 1, to: old, own, asOf: today) }
        }
        guard old != new else { return }
        var sequence = try OutboxReader(db: db).latestSequence()
        try NoFreeNumber.check(after: sequence, in: "deltas")
        var batch = DeltaBatch()
        batch.append(.ownEffectiveness(recommendation: recommendation, old: old, new: new), of: diagnosis)
        try batch.write(
            by: try DeltaBatch.insert(db), after: &sequence, isBatch: false, run: RunID(rawValue: 0), at: now)
    }

    /// How much feedback on a recommendation the published results have not seen, counted up to `feedbackTrigger`.
    private func pending(on recommendation: RecommendationID) throws -> Int {
        let published = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT last_import FROM publications WHERE stage = ?"),
            arguments: [Stage.effectiveness.rawValue])
        return try sums.count(on: recommendation, afterImport: published ?? 0, limit: rules.feedbackTrigger)
    }
}

extension Feedback {
    fileprivate var judgement: Judgement {
        get {
            Judgement(
                rating: rating, improvement: improvement, compliance: compliance, sideEffects: sideEffects,
                comment: comment)
        }
        set {
            rating = newValue.rating
            improvement = newValue.improvement
            compliance = newValue.compliance
            sideEffects = newValue.sideEffects
            comment = newValue.comment
        }
    }
}
