public import Domain
import GRDB

extension SQLiteDatabase {
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

    /// What somebody missed who has seen the deltas of a diagnosis up to `sequence`.
    public func missed(of diagnosis: DiagnosisID, after sequence: Int64, limit: Int) throws -> MissedDeltas {
        try read { try OutboxReader(db: $0).missed(of: diagnosis, after: sequence, limit: limit) }
    }

    /// Commits deltas that other programs have us tell.
    public func broadcast(_ broadcasts: [Broadcast], at now: Instant) throws -> [Int64?] {
        try StoreError.translating(at: location) {
            try pool.writeWithoutTransaction { db in
                // A statement alone is a transaction, without two more to begin and end it.
                guard broadcasts.count != 1 else { return [try Self.insert(broadcasts[0], at: now, in: db)] }
                var sequences: [Int64?] = []
                try db.inTransaction {
                    sequences = try broadcasts.map { try Self.insert($0, at: now, in: db) }
                    return .commit
                }
                return sequences
            }
        }
    }

    private static func insert(_ broadcast: Broadcast, at now: Instant, in db: GRDB.Database) throws -> Int64? {
        try db.cachedStatement(
            sql: """
                INSERT INTO deltas (run_id, diagnosis_id, type, data, at)
                SELECT 0, diagnosis_id, ?2, ?3, ?4 FROM diagnoses WHERE diagnosis_id = ?1
                """
        ).execute(arguments: [
            broadcast.diagnosis.rawValue, broadcast.kind.rawValue, broadcast.json, now.microseconds,
        ])
        return db.changesCount == 0 ? nil : db.lastInsertedRowID
    }

    /// The patient whose diagnosis it is; `nil` where there is no such diagnosis.
    public func patient(of diagnosis: DiagnosisID) throws -> PatientID? {
        try read { try RecordReader(db: $0).patient(of: diagnosis) }
    }
}

/// Reads deltas, inside one transaction.
struct OutboxReader {
    let db: GRDB.Database

    func latestSequence() throws -> Int64 {
        // Also after all were pruned.
        try Int64.fetchOne(db, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'deltas'") ?? 0
    }

    func page(after sequence: Int64, limit: Int, where isWanted: (DiagnosisID) -> Bool) throws -> OutboxPage {
        let statement = try Statement(
            db, "SELECT seq, at, diagnosis_id, type, data FROM deltas WHERE seq > ? ORDER BY seq LIMIT ?")
        statement.bind(sequence, at: 1)
        statement.bind(limit, at: 2)
        var page = OutboxPage(deltas: [], herbs: [:], last: sequence, isFull: false)
        var count = 0
        while try statement.step() {
            count += 1
            page.last = statement.int64(0)
            if isWanted(DiagnosisID(rawValue: statement.int64(2))) { page.deltas.append(try delta(statement)) }
        }
        page.isFull = count == limit
        page.herbs = try herbs(of: page.deltas.flatMap(\.change.recommendations))
        return page
    }

    func missed(of diagnosis: DiagnosisID, after sequence: Int64, limit: Int) throws -> MissedDeltas {
        let last = try latestSequence()
        let pruned = try Int64.fetchOne(db, sql: "SELECT seq FROM pruned_deltas") ?? 0
        // Who has seen more than there is followed another database, such as one that was replaced by its backup.
        if sequence >= pruned, sequence <= last {
            let statement = try Statement(
                db,
                """
                SELECT seq, at, diagnosis_id, type, data FROM deltas WHERE diagnosis_id = ? AND seq > ?
                ORDER BY seq LIMIT ?
                """)
            statement.bind(diagnosis.rawValue, at: 1)
            statement.bind(sequence, at: 2)
            statement.bind(limit + 1, at: 3)
            var deltas: [Delta] = []
            while try statement.step() { deltas.append(try delta(statement)) }
            if deltas.count <= limit {
                return MissedDeltas(
                    deltas: deltas, state: nil, herbs: try herbs(of: deltas.flatMap(\.change.recommendations)),
                    last: last)
            }
        }
        let state = try state(of: diagnosis)
        let named = Array(state.effectiveness.keys) + state.ranking.map(\.recommendation)
        return MissedDeltas(deltas: nil, state: state, herbs: try herbs(of: named), last: last)
    }

    private func delta(_ row: Statement) throws -> Delta {
        let diagnosis = DiagnosisID(rawValue: row.int64(2))
        guard let kind = row.text(3).flatMap(Delta.Kind.init),
            let change = Delta.Change(kind: kind, storedText: row.text(4) ?? "", diagnosis: diagnosis)
        else { throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "deltas holds what is not known") }
        return Delta(
            sequence: row.int64(0), diagnosis: diagnosis, at: Instant(microseconds: row.int64(1)), change: change)
    }

    /// What is published of a diagnosis.
    func state(of diagnosis: DiagnosisID) throws -> DiagnosisState {
        let statement = try Statement(
            db,
            """
            SELECT r.recommendation_id, s.term_id,
                e.samples_30, e.successes_30, e.samples_90, e.successes_90, e.samples_all, e.successes_all,
                p.basis, p.historical_samples, p.historical_successes, p.similar_patients, p.similar_successes,
                p.score, p.confidence, p.rank
            FROM recommendations r
            JOIN spellings s ON s.spelling_id = r.herb_id
            LEFT JOIN effectiveness e ON e.level = ? AND e.subject = r.recommendation_id
            LEFT JOIN predictions p ON p.recommendation_id = r.recommendation_id
            WHERE r.diagnosis_id = ? ORDER BY r.recommendation_id
            """)
        statement.bind(Int64(Level.recommendation.ordinal), at: 1)
        statement.bind(diagnosis.rawValue, at: 2)
        var state = DiagnosisState()
        while try statement.step() {
            let recommendation = RecommendationID(rawValue: statement.int64(0))
            if !statement.isNull(2) {
                func count(_ first: Int32) -> WindowCounts.Count {
                    WindowCounts.Count(samples: statement.int32(first), successes: statement.int32(first + 1))
                }
                state.effectiveness[recommendation] = WindowCounts(days30: count(2), days90: count(4), all: count(6))
            }
            guard let basis = statement.text(8).flatMap(HistoricalBasis.init) else { continue }
            state.ranking.append(
                RankedRecommendation(
                    recommendation: recommendation, herb: TermID(rawValue: statement.int64(1)),
                    prediction: Prediction(
                        diagnosis: diagnosis, basis: basis, historicalSamples: statement.int32(9),
                        historicalSuccesses: statement.int32(10), similarPatients: statement.int32(11),
                        similarSuccesses: statement.int32(12), score: statement.double(13),
                        confidence: statement.double(14), rank: statement.int32(15))))
        }
        state.ranking.sort { $0.prediction.rank < $1.prediction.rank }
        return state
    }

    private func herbs(of recommendations: [RecommendationID]) throws -> [RecommendationID: String] {
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
        var herbs: [RecommendationID: String] = [:]
        for recommendation in recommendations where herbs[recommendation] == nil {
            statement.bind(recommendation.rawValue, at: 1)
            if try statement.step() { herbs[recommendation] = statement.text(0) }
            statement.reset()
        }
        return herbs
    }
}

extension Delta.Change {
    /// The recommendations that it names.
    fileprivate var recommendations: [RecommendationID] {
        switch self {
        case .effectiveness(let recommendation, _, _): [recommendation]
        case .ranking(let ranking): ranking.map(\.recommendation)
        case .broadcast: []
        }
    }
}
