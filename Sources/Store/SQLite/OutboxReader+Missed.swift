import Domain
import GRDB

extension OutboxReader {
    /// Part of what somebody missed who has seen the deltas of a diagnosis up to `sequence`.
    func missed(
        of diagnosis: DiagnosisID, after sequence: Int64, upTo end: Int64?, limit: Int, bytes: Int
    ) throws -> MissedPart {
        let newest = try latestSequence()
        let last = end ?? newest
        let pruned = try Int64.fetchOne(db, sql: "SELECT seq FROM pruned_deltas") ?? 0
        // Numbers above the newest are of another database, such as one that was replaced by its backup.
        if sequence >= pruned, sequence <= last, last <= newest {
            let rows = try rows(of: diagnosis, after: sequence, upTo: last, limit: limit)
            let count = rows.reduce(0) { $0 + $1.count }
            if count <= limit {
                let deltas = try deltas(of: diagnosis, in: rows, after: sequence, upTo: last, bytes: bytes)
                return MissedPart(
                    deltas: deltas, state: nil, herbs: try herbs(of: deltas.flatMap(\.change.recommendations)),
                    count: count, last: last, hasMore: deltas.count < count)
            }
        }
        let state = try state(of: diagnosis)
        let named = Array(state.effectiveness.keys) + state.ranking.map(\.recommendation)
        return MissedPart(
            deltas: nil, state: state, herbs: try herbs(of: named), count: 0, last: newest, hasMore: false)
    }

    /// A row of the outbox, and how many deltas of a diagnosis it has.
    private typealias OutboxRow = (sequence: Int64, count: Int)

    /// The rows that hold the deltas of a diagnosis, in order. Where these are more than `limit`, reading stops soon after.
    private func rows(
        of diagnosis: DiagnosisID, after sequence: Int64, upTo last: Int64, limit: Int
    ) throws -> [OutboxRow] {
        // The type comes first, since a row's last columns may be far behind long data.
        let single = try Statement(
            db,
            """
            SELECT seq FROM deltas WHERE diagnosis_id = ? AND seq > ? AND seq <= ?
                AND (type <> '\(DeltaBatch.type)' OR last_diagnosis_id IS NULL)
            ORDER BY seq LIMIT ?
            """)
        single.bind(diagnosis.rawValue, at: 1)
        single.bind(sequence, at: 2)
        single.bind(last, at: 3)
        single.bind(limit + 1, at: 4)
        var rows: [OutboxRow] = []
        while try single.step() { rows.append((single.int64(0), 1)) }
        var count = rows.count

        // From the newest run on: its last batch, and the one that can hold the diagnosis.
        let ends = try Statement(
            db,
            """
            SELECT run_id, seq FROM deltas WHERE last_diagnosis_id IS NOT NULL AND run_id < ?
            ORDER BY run_id DESC, diagnosis_id DESC LIMIT 1
            """)
        let batches = try Statement(
            db,
            """
            SELECT \(Self.columns) FROM deltas WHERE last_diagnosis_id IS NOT NULL AND run_id = ? AND diagnosis_id <= ?
            ORDER BY diagnosis_id DESC LIMIT 1
            """)
        var run = Int64.max
        while count <= limit {
            ends.bind(run, at: 1)
            guard try ends.step() else { break }
            run = ends.int64(0)
            let end = ends.int64(1)
            ends.reset()
            guard end > sequence else { break }
            batches.bind(run, at: 1)
            batches.bind(diagnosis.rawValue, at: 2)
            guard try batches.step() else { continue }
            var found = 0
            try forEachDelta(
                in: batches, where: { Self.isWanted($0, $1, of: diagnosis, after: sequence, upTo: last) }
            ) { _ in found += 1 }
            if found > 0 { rows.append((batches.int64(0), found)) }
            batches.reset()
            count += found
        }
        return rows.sorted { $0.sequence < $1.sequence }
    }

    private static func isWanted(
        _ own: Int64, _ owner: DiagnosisID, of diagnosis: DiagnosisID, after sequence: Int64, upTo last: Int64
    ) -> Bool { own > sequence && own <= last && owner == diagnosis }

    /// The first deltas of a diagnosis in some rows, up to about so many bytes, and at least one.
    private func deltas(
        of diagnosis: DiagnosisID, in rows: [OutboxRow], after sequence: Int64, upTo last: Int64, bytes: Int
    ) throws -> [Delta] {
        let select = try Statement(db, "SELECT \(Self.columns) FROM deltas WHERE seq = ?")
        var deltas: [Delta] = []
        var size = 0
        for row in rows where deltas.isEmpty || size < bytes {
            select.bind(row.sequence, at: 1)
            guard try select.step() else { throw DatabaseError.unknown("deltas") }
            try forEachDelta(
                in: select,
                where: { own, owner in
                    (deltas.isEmpty || size < bytes)
                        && Self.isWanted(own, owner, of: diagnosis, after: sequence, upTo: last)
                }
            ) { delta in
                deltas.append(delta)
                size += delta.change.storedSize
            }
            select.reset()
        }
        return deltas
    }
}

extension Delta.Change {
    /// About how many bytes it takes in the outbox.
    fileprivate var storedSize: Int {
        switch self {
        case .effectiveness: 32
        case .ranking(let places): 16 + 48 * places.count
        case .broadcast(_, let json): json.utf8.count
        }
    }
}
