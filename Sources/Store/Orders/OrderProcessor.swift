import Domain

/// Processes orders inside one transaction. A refused order leaves no trace.
struct OrderProcessor {
    private let transaction: any OrderTransaction
    private let rules: OrderRules
    private let figures: OwnFigures
    /// The changes of feedback that the present order made, in order.
    private var changes: [(before: Feedback?, after: Feedback)] = []

    init(_ transaction: any OrderTransaction, rules: WriteRules, now: Instant) {
        self.transaction = transaction
        self.rules = OrderRules(clinic: rules, now: now)
        figures = OwnFigures(timezone: rules.timezone, successRating: rules.successRating)
    }

    private var now: Instant { rules.now }

    mutating func process(_ order: WriteOrder) throws -> WriteReceipt {
        if let key = order.idempotency, let stored = try transaction.storedAnswer(for: key, of: order.requester) {
            guard stored.fingerprint == key.fingerprint else { return WriteReceipt(end: .keyTaken) }
            let refusals = try ownershipRefusals(of: order, except: stored.refused)
            return WriteReceipt(end: refusals.isEmpty ? .written(stored.answer, repeated: true) : .refused(refusals))
        }
        changes = []
        var outcomes: [ItemOutcome] = []
        var refusals: [Int: WriteRefusal] = [:]
        var isWritten = false
        try transaction.withSavepoint {
            outcomes = try perform(order)
            for (position, outcome) in outcomes.enumerated() {
                if case .failure(let refusal) = outcome { refusals[position] = refusal }
            }
            isWritten = refusals.isEmpty || order.allowsParts && refusals.count < outcomes.count
            return isWritten
        }
        guard isWritten else { return WriteReceipt(end: .refused(refusals)) }
        let answer = order.answer(outcomes)
        if let key = order.idempotency {
            try transaction.store(
                StoredAnswer(fingerprint: key.fingerprint, answer: answer, refused: Set(refusals.keys)), for: key,
                of: order.requester, at: now)
        }
        // An edit that changes nothing is no news: its messages would let anybody sample the numbers of others.
        let changed = Set(changes.map(\.after.recommendation))
        for recommendation in changed.sorted() { try announce(recommendation) }
        return WriteReceipt(
            end: .written(answer, repeated: false),
            callsForRun: try changed.contains { recommendation in
                let limit = rules.clinic.feedbackTrigger
                return rules.triggersRun(
                    unpublished: try transaction.unpublishedFeedbackCount(on: recommendation, limit: limit))
            },
            hasNews: !changed.isEmpty)
    }

    private mutating func perform(_ order: WriteOrder) throws -> [ItemOutcome] {
        switch order.change {
        case .submit(let drafts): try drafts.map { try submit($0, order) }
        case .edit(let id, let judgement): [try change(id, order, "feedback.edit") { $0.judgement = judgement }]
        case .withdraw(let id):
            [try change(id, order, "feedback.withdraw") { [now] in $0.deletedAt = now }]
        case .addPatients(let new): try new.map { try add($0, .patient, order) { .patient($0) } }
        case .addDiagnoses(let new): try new.map { try add($0, .diagnosis, order) { .diagnosis($0) } }
        case .addRecommendations(let new): try new.map { try add($0, .recommendation, order) { .recommendation($0) } }
        }
    }

    // MARK: Ownership

    /// Why an answer may not be repeated: the records that the order wrote are not, or no longer, the requester's.
    ///
    /// - Parameter refused: positions of the items that were refused, of which the answer discloses nothing else.
    private func ownershipRefusals(of order: WriteOrder, except refused: Set<Int>) throws -> [Int: WriteRefusal] {
        switch order.change {
        case .submit(let drafts):
            var refusals: [Int: WriteRefusal] = [:]
            for (position, draft) in drafts.enumerated() where !refused.contains(position) {
                refusals[position] = try ownershipRefusal(of: draft, by: order.requester)
            }
            return refusals
        case .edit(let id, _), .withdraw(let id):
            guard let stored = try transaction.storedFeedback(id) else { return [0: .missing("feedback \(id)")] }
            return try ownershipRefusal(of: stored.record, by: order.requester).map { [0: $0] } ?? [:]
        case .addPatients, .addDiagnoses, .addRecommendations: return [:]
        }
    }

    private func ownershipRefusal(of draft: FeedbackDraft, by requester: Requester) throws -> WriteRefusal? {
        rules.ownershipRefusal(
            of: draft.recommendation, ownedBy: try transaction.patient(of: draft.recommendation), requester: requester)
    }

    private func ownershipRefusal(of feedback: Feedback, by requester: Requester) throws -> WriteRefusal? {
        rules.ownershipRefusal(
            of: feedback, ownedBy: try transaction.patient(of: feedback.recommendation),
            author: try transaction.author(of: feedback.id), requester: requester)
    }

    // MARK: Changes

    private mutating func submit(_ draft: FeedbackDraft, _ order: WriteOrder) throws -> ItemOutcome {
        if let refusal = try ownershipRefusal(of: draft, by: order.requester) { return .failure(refusal) }
        if let refusal = try dailyLimitRefusal(of: draft.recommendation, by: order.requester) {
            return .failure(refusal)
        }
        var feedback = Feedback(
            id: FeedbackID(rawValue: try transaction.freeNumber(for: .feedback)), recommendation: draft.recommendation,
            rating: draft.judgement.rating, improvement: nil, compliance: nil, sideEffects: [], comment: nil,
            createdAt: now, deletedAt: nil)
        feedback.judgement = draft.judgement
        guard try transaction.insert(.feedback(feedback)) == .inserted else {
            return .failure(.tooEarly(Feedback.tooEarly))
        }
        changes.append((nil, feedback))
        try transaction.setAuthor(order.requester.subject, of: feedback.id)
        try transaction.append(entry(order, "feedback.submit", after: feedback))
        return .success(.feedback(feedback))
    }

    private func dailyLimitRefusal(
        of recommendation: RecommendationID, by requester: Requester
    ) throws -> WriteRefusal? {
        guard rules.isLimited(requester) else { return nil }
        let today = rules.today
        let given = try transaction.feedbackCount(
            on: recommendation, from: today.start, until: today.end, limit: rules.clinic.feedbackPerDay)
        return rules.dailyLimitRefusal(of: recommendation, given: given)
    }

    private mutating func change(
        _ id: FeedbackID, _ order: WriteOrder, _ action: String, _ body: (inout Feedback) -> Void
    ) throws -> ItemOutcome {
        guard let stored = try transaction.storedFeedback(id), stored.record.deletedAt == nil else {
            return .failure(.missing("feedback \(id)"))
        }
        let before = stored.record
        if let refusal = try ownershipRefusal(of: before, by: order.requester) { return .failure(refusal) }
        if let refusal = rules.editWindowRefusal(of: before) { return .failure(refusal) }
        var after = before
        body(&after)
        if after != before {
            guard try transaction.replace(before, by: after) else { return .failure(.tooEarly(Feedback.tooEarly)) }
            changes.append((before, after))
            var entry = try entry(order, action, after: after)
            entry.before = before.auditText
            entry.displaced = stored.displacement
            try transaction.append(entry)
        }
        return .success(.feedback(after))
    }

    private func add<Record: ClinicRecord>(
        _ new: NewRecord<Record>, _ kind: RecordKind, _ order: WriteOrder, _ written: (Record) -> WrittenRecord
    ) throws -> ItemOutcome where Record.Kind == Record {
        var record = new.record
        record.id = try new.id ?? Identifier(rawValue: transaction.freeNumber(for: kind))
        switch try transaction.insert(written(record)) {
        case .inserted:
            try transaction.append(entry(order, "\(Record.kind).create", after: record))
            return .success(written(record))
        case .missingParent: return .failure(.missing(record.parent ?? "the record that it refers to"))
        case .tooEarly: return .failure(.tooEarly(Record.tooEarly))
        case .exists(let isSame):
            // Adding the same record again is no mistake.
            return isSame ? .success(written(record)) : .failure(.taken("\(Record.kind) \(record.id)"))
        }
    }

    private func entry(_ order: WriteOrder, _ action: String, after: some ClinicRecord) throws -> AuditEntry {
        AuditEntry(
            at: now, subject: order.requester.subject, role: order.requester.role.rawValue, request: order.request,
            action: action, record: after.id.rawValue, after: after.auditText, importID: try transaction.importNumber())
    }

    // MARK: Announcements

    /// The most feedback of the last 90 days from which the effectiveness is counted at a write, so that the cost of a write is
    /// bounded. A patient reaches it only where `feedbackPerDay` is more than three.
    private static let maxCounted = 300

    /// Sends the followers of the diagnosis the summary of the feedback on a recommendation.
    private func announce(_ recommendation: RecommendationID) throws {
        guard let summary = try transaction.summary(of: recommendation) else { return }
        try transaction.append(.feedback(FeedbackUpdate(summary)), of: summary.diagnosis, at: now)
        try announceOwnEffectiveness(of: recommendation, in: summary.diagnosis)
    }

    /// Sends the patient how their own feedback changed the effectiveness of a recommendation, without waiting for a run, whose
    /// time depends on others. The message is left out where there is very much feedback.
    private func announceOwnEffectiveness(of recommendation: RecommendationID, in diagnosis: DiagnosisID) throws {
        let today = figures.day(of: now)
        let recent = try transaction.feedbackCount(
            on: recommendation, from: figures.recentStart(asOf: today), until: Instant(microseconds: .max),
            limit: Self.maxCounted + 1)
        guard recent <= Self.maxCounted else { return }
        let new = try transaction.counts(of: recommendation, by: figures, asOf: today)
        var old = new
        for (before, after) in changes.reversed() where after.recommendation == recommendation {
            old = figures.adding(after, factor: -1, to: old, asOf: today)
            if let before { old = figures.adding(before, factor: 1, to: old, asOf: today) }
        }
        guard old != new else { return }
        try transaction.append(
            .ownEffectiveness(recommendation: recommendation, old: old, new: new), of: diagnosis, at: now)
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
