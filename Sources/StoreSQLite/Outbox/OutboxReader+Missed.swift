import Domain
import GRDB
import Store

extension OutboxReader {
    /// Part of what somebody missed who has seen the deltas of a diagnosis up to `sequence`.
    func missed(
        of diagnosis: DiagnosisID, for audience: Delta.Audience, after sequence: Int64, upTo end: Int64?, limit: Int,
        bytes: Int, own: OwnFigures, at now: Instant
    ) throws -> MissedPart {
        let outbox = DiagnosisOutbox(reader: self, diagnosis: diagnosis, audience: audience)
        let pruned = try prunedSequence()
        // Only numbers of the diagnosis itself are compared with: whether a number is that of another diagnosis must not
        // show.
        let newest = try latestSequence(of: diagnosis, for: audience)
        let last = end ?? newest
        // Numbers above the newest are of another database, such as one that was replaced by its backup.
        if sequence >= pruned, sequence <= last, last <= newest {
            let rows = try outbox.rows(after: sequence, upTo: last, limit: limit)
            let count = rows.reduce(0) { $0 + $1.count }
            if count <= limit {
                let deltas = try outbox.deltas(in: rows, after: sequence, upTo: last, bytes: bytes)
                return MissedPart(
                    deltas: deltas, state: nil, herbs: try herbs(of: deltas), count: count, last: last,
                    hasMore: deltas.count < count)
            }
        }
        let (state, herbs) = try state(of: diagnosis, for: audience, own: own, at: now)
        return MissedPart(deltas: nil, state: state, herbs: herbs, count: 0, last: newest, hasMore: false)
    }

    /// The sequence number of the newest delta of a diagnosis for an audience; 0 where there is none.
    ///
    /// For staff it is at least that up to which deltas were pruned, from where they need no state when they come back. To
    /// patients that number would count the messages of others.
    func latestSequence(of diagnosis: DiagnosisID, for audience: Delta.Audience) throws -> Int64 {
        let latest = try DiagnosisOutbox(reader: self, diagnosis: diagnosis, audience: audience).latestSequence()
        return audience == .staff ? max(latest, try prunedSequence()) : latest
    }

    private func prunedSequence() throws -> Int64 {
        try Int64.fetchOne(db, sql: "SELECT seq FROM pruned_deltas") ?? 0
    }

    private func state(
        of diagnosis: DiagnosisID, for audience: Delta.Audience, own: OwnFigures, at now: Instant
    ) throws -> (DiagnosisState, HerbNames) {
        let pages = SQLitePublication(db)
        switch audience {
        case .staff:
            let state = try pages.state(of: diagnosis)
            return (state, try herbs(displayedOf: state.recommendations, enteredOf: []))
        case .patient:
            let recommendations = try pages.recommendations(of: diagnosis)
            let counts = OwnCounts(db: db, figures: own)
            var state = DiagnosisState(
                effectiveness: [:], ranking: .coarse(try pages.patientRanking(of: recommendations)))
            for recommendation in recommendations {
                state.effectiveness[recommendation] = try counts.counts(of: recommendation, asOf: own.day(of: now))
            }
            return (state, try herbs(displayedOf: [], enteredOf: state.recommendations))
        }
    }
}

extension DiagnosisState {
    /// The recommendations that it names.
    fileprivate var recommendations: [RecommendationID] {
        let ranked =
            switch ranking {
            case .exact(let places): places.map(\.recommendation)
            case .coarse(let places): places.map(\.recommendation)
            }
        return Array(effectiveness.keys) + ranked
    }
}

/// The deltas of one diagnosis for one audience.
private struct DiagnosisOutbox {
    let reader: OutboxReader
    let diagnosis: DiagnosisID
    let audience: Delta.Audience

    /// A row of the outbox, and how many of the deltas it has.
    typealias Row = (sequence: Int64, count: Int)

    /// The rows of single deltas of the diagnosis. Broadcasts are JSON; text that runs wrote before there were batches is for staff.
    private var singleRows: String {
        let isForAudience =
            switch audience {
            case .staff: "type <> '\(DeltaRow.Kind.patient.rawValue)'"
            case .patient:
                """
                (type IN ('\(DeltaRow.Kind.patient.rawValue)', '\(DeltaRow.Kind.shared.rawValue)')
                    OR type <> '\(DeltaRow.Kind.batch.rawValue)' AND substr(data, 1, 1) = '{')
                """
            }
        return """
            deltas WHERE diagnosis_id = ? AND seq > ? AND seq <= ? AND \(isForAudience)
                AND (type <> '\(DeltaRow.Kind.batch.rawValue)' OR last_diagnosis_id IS NULL)
            """
    }

    /// The sequence number of the newest of them; 0 where there is none.
    func latestSequence() throws -> Int64 {
        let single = try Statement(reader.db, "SELECT seq FROM \(singleRows) ORDER BY seq DESC LIMIT 1")
        single.bind(diagnosis.rawValue, at: 1)
        single.bind(0, at: 2)
        single.bind(Int64.max, at: 3)
        var latest = try single.step() ? single.int64(0) : 0
        try forEachBatch(after: latest) { batch in
            try reader.forEachDelta(in: batch, where: { isWanted($0, $1, after: latest, upTo: .max) }) { delta in
                if delta.isFor(audience) { latest = delta.sequence }
            }
            return latest
        }
        return latest
    }

    /// The rows that hold them, in order. Where these are more than `limit`, reading stops soon after.
    func rows(after sequence: Int64, upTo last: Int64, limit: Int) throws -> [Row] {
        // The type comes first, since a row's last columns may be far behind long data.
        let single = try Statement(reader.db, "SELECT seq FROM \(singleRows) ORDER BY seq LIMIT ?")
        single.bind(diagnosis.rawValue, at: 1)
        single.bind(sequence, at: 2)
        single.bind(last, at: 3)
        single.bind(limit + 1, at: 4)
        var rows: [Row] = []
        while try single.step() { rows.append((single.int64(0), 1)) }
        var count = rows.count
        try forEachBatch(after: sequence) { batch in
            guard count <= limit else { return .max }
            var found = 0
            try reader.forEachDelta(in: batch, where: { isWanted($0, $1, after: sequence, upTo: last) }) { delta in
                if delta.isFor(audience) { found += 1 }
            }
            if found > 0 { rows.append((batch.int64(0), found)) }
            count += found
            return sequence
        }
        return rows.sorted { $0.sequence < $1.sequence }
    }

    /// The first of them in some rows, up to about so many bytes, and at least one.
    func deltas(in rows: [Row], after sequence: Int64, upTo last: Int64, bytes: Int) throws -> [Delta] {
        let select = try Statement(reader.db, "SELECT \(OutboxReader.columns) FROM deltas WHERE seq = ?")
        var deltas: [Delta] = []
        var size = 0
        for row in rows where deltas.isEmpty || size < bytes {
            select.bind(row.sequence, at: 1)
            guard try select.step() else { throw DatabaseError.unknown("deltas") }
            try reader.forEachDelta(in: select, where: { isWanted($0, $1, after: sequence, upTo: last) }) { delta in
                guard delta.isFor(audience), deltas.isEmpty || size < bytes else { return }
                deltas.append(delta)
                size += delta.change.storedSize
            }
            select.reset()
        }
        return deltas
    }

    // MARK: Batches

    /// Calls `body` with the row of each batch that may have deltas of the diagnosis, the newest run first.
    ///
    /// - Parameter sequence: batches of runs that wrote nothing later are passed over; `body` returns the number for those
    ///   that follow.
    private func forEachBatch(after sequence: Int64, _ body: (Statement) throws -> Int64) throws {
        // From the newest run on: its last batch, and the one that can hold the diagnosis.
        let ends = try Statement(
            reader.db,
            """
            SELECT run_id, seq FROM deltas WHERE last_diagnosis_id IS NOT NULL AND run_id < ?
            ORDER BY run_id DESC, diagnosis_id DESC LIMIT 1
            """)
        let batches = try Statement(
            reader.db,
            """
            SELECT \(OutboxReader.columns) FROM deltas
            WHERE last_diagnosis_id IS NOT NULL AND run_id = ? AND diagnosis_id <= ?
            ORDER BY diagnosis_id DESC LIMIT 1
            """)
        var (run, sequence) = (Int64.max, sequence)
        while true {
            ends.bind(run, at: 1)
            guard try ends.step() else { return }
            run = ends.int64(0)
            let end = ends.int64(1)
            ends.reset()
            guard end > sequence else { return }
            batches.bind(run, at: 1)
            batches.bind(diagnosis.rawValue, at: 2)
            if try batches.step() { sequence = try body(batches) }
            batches.reset()
        }
    }

    private func isWanted(_ own: Int64, _ owner: DiagnosisID, after sequence: Int64, upTo last: Int64) -> Bool {
        own > sequence && own <= last && owner == diagnosis
    }
}

extension Delta.Change {
    /// About how many bytes it takes in the outbox.
    fileprivate var storedSize: Int {
        switch self {
        case .effectiveness, .ownEffectiveness: 32
        case .ranking(let places): 16 + 48 * places.count
        case .patientRanking(let places): 16 + 8 * places.count
        case .feedback(let update): 32 + update.sideEffects.reduce(0) { $0 + $1.name.utf8.count + 2 }
        case .broadcast(_, let json): json.utf8.count
        }
    }
}
