public import Domain
import GRDB
public import Store

extension SQLiteDatabase {
    /// The epoch of the outbox.
    public func outboxEpoch() throws -> OutboxEpoch {
        try read { db in
            let text = try String.fetchOne(db, sql: "SELECT epoch FROM outbox_epoch")
            guard let epoch = text.flatMap(OutboxEpoch.init) else { throw DatabaseError.unknown("outbox_epoch") }
            return epoch
        }
    }

    /// The sequence number of the newest delta that was ever committed; 0 where there was none.
    public func latestSequence() throws -> Int64 {
        try read { try OutboxReader(db: $0).latestSequence() }
    }

    /// Deltas later than `sequence`, in order, at most `limit`.
    public func outbox(
        after sequence: Int64, limit: Int, where isWanted: (DiagnosisID) -> Bool
    ) throws -> OutboxPage {
        try read { try OutboxReader(db: $0).page(after: sequence, limit: limit, where: isWanted) }
    }

    /// Part of what somebody missed who has seen the deltas of a diagnosis up to `sequence`.
    public func missed(
        of diagnosis: DiagnosisID, for audience: Delta.Audience, after sequence: Int64, upTo last: Int64?, limit: Int,
        bytes: Int, own: OwnFigures, at now: Instant
    ) throws -> MissedPart {
        try read {
            try OutboxReader(db: $0).missed(
                of: diagnosis, for: audience, after: sequence, upTo: last, limit: limit, bytes: bytes, own: own, at: now
            )
        }
    }

    /// The sequence number of the newest delta of a diagnosis for an audience; 0 where there is none.
    public func latestSequence(of diagnosis: DiagnosisID, for audience: Delta.Audience) throws -> Int64 {
        try read { try OutboxReader(db: $0).latestSequence(of: diagnosis, for: audience) }
    }

    /// A connection for deltas that other programs have us tell.
    public func broadcastWriter() throws -> any BroadcastWriter { try BroadcastConnection(to: files.path) }

    /// The patient whose diagnosis it is; `nil` where there is no such diagnosis.
    public func patient(of diagnosis: DiagnosisID) throws -> PatientID? {
        try read { try RecordReader(db: $0).patient(of: diagnosis) }
    }
}

/// Reads deltas, inside one transaction.
struct OutboxReader {
    let db: GRDB.Database

    func latestSequence() throws -> Int64 {
        // The newest is never pruned.
        try Int64.fetchOne(db, sql: "SELECT max(seq) FROM deltas") ?? 0
    }

    func page(after sequence: Int64, limit: Int, where isWanted: (DiagnosisID) -> Bool) throws -> OutboxPage {
        let statement = try Statement(
            db, "SELECT \(Self.columns) FROM deltas WHERE seq > ? ORDER BY seq LIMIT ?")
        statement.bind(sequence, at: 1)
        statement.bind(limit, at: 2)
        var page = OutboxPage(deltas: [], herbs: HerbNames(), last: sequence, isFull: false)
        var count = 0
        while count < limit, try statement.step() {
            try forEachDelta(
                in: statement,
                where: { own, diagnosis in
                    // A row may hold many: those that do not fit come with the next page.
                    guard own > sequence, count < limit else { return false }
                    count += 1
                    page.last = own
                    return isWanted(diagnosis)
                }
            ) { page.deltas.append($0) }
        }
        page.isFull = count == limit
        page.herbs = try herbs(of: page.deltas)
        return page
    }

    static let columns = "seq, at, diagnosis_id, batch, type, data"

    /// Calls `body` with each delta in a row that is wanted.
    func forEachDelta(
        in row: Statement, where isWanted: (Int64, DiagnosisID) -> Bool = { _, _ in true },
        _ body: (Delta) throws -> Void
    ) throws {
        let (sequence, at) = (row.int64(0), try row.instant(1))
        if !row.isNull(3) {
            try DeltaBatch.forEach(in: row.bytes(3), sequence: sequence, at: at, where: isWanted, body)
            return
        }
        let diagnosis = DiagnosisID(rawValue: row.int64(2))
        guard isWanted(sequence, diagnosis) else { return }
        guard let kind = row.text(4).flatMap(Delta.Kind.init),
            let change = Delta.Change(kind: kind, storedText: row.text(5) ?? "", diagnosis: diagnosis)
        else { throw DatabaseError.unknown("deltas") }
        try body(Delta(sequence: sequence, diagnosis: diagnosis, at: at, change: change))
    }

    /// The names of the herbs that the messages of deltas show.
    func herbs(of deltas: [Delta]) throws -> HerbNames {
        func recommendations(_ audience: Delta.Audience) -> [RecommendationID] {
            deltas.filter { $0.change.audience == audience }.flatMap(\.change.recommendations)
        }
        return try herbs(displayedOf: recommendations(.staff), enteredOf: recommendations(.patient))
    }

    /// The names of the herbs of recommendations.
    func herbs(
        displayedOf displayed: [RecommendationID], enteredOf entered: [RecommendationID]
    ) throws -> HerbNames {
        var names = HerbNames()
        names.displayed = try displayedHerbs(of: displayed)
        names.entered = try enteredHerbs(of: entered)
        return names
    }

    private func enteredHerbs(of recommendations: [RecommendationID]) throws -> [RecommendationID: String] {
        guard !recommendations.isEmpty else { return [:] }
        let statement = try Statement(
            db,
            """
            SELECT s.text FROM recommendations r JOIN spellings s ON s.spelling_id = r.herb_id
            WHERE r.recommendation_id = ?
            """)
        return try names(of: recommendations, by: statement)
    }

    private func displayedHerbs(of recommendations: [RecommendationID]) throws -> [RecommendationID: String] {
        guard !recommendations.isEmpty else { return [:] }
        // A term that came after the publication has its key for a name.
        let statement = try Statement(
            db,
            """
            SELECT coalesce(n.name, t.key) FROM recommendations r
            JOIN spellings s ON s.spelling_id = r.herb_id
            JOIN terms t ON t.term_id = s.term_id
            LEFT JOIN published_names n ON n.term_id = s.term_id
            WHERE r.recommendation_id = ?
            """)
        return try names(of: recommendations, by: statement)
    }

    private func names(
        of recommendations: [RecommendationID], by statement: Statement
    ) throws -> [RecommendationID: String] {
        var names: [RecommendationID: String] = [:]
        for recommendation in recommendations where names[recommendation] == nil {
            statement.bind(recommendation.rawValue, at: 1)
            if try statement.step() { names[recommendation] = statement.text(0) }
            statement.reset()
        }
        return names
    }
}

extension Delta.Change {
    /// The recommendations that it names.
    fileprivate var recommendations: [RecommendationID] {
        switch self {
        case .effectiveness(let recommendation, _, _), .ownEffectiveness(let recommendation, _, _): [recommendation]
        case .ranking(let ranking): ranking.map(\.recommendation)
        case .patientRanking(let ranking): ranking.map(\.recommendation)
        case .feedback, .broadcast: []
        }
    }
}
