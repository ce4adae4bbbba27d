public import Domain
import GRDB
public import Store

extension SQLiteDatabase {
    /// Notes how a delivery stands, in the ledger's row for it.
    public func noteDelivery(_ key: DeliveryKey, _ state: DeliveryState) throws {
        let keys: StatementArguments = [
            key.job, key.period, key.report, key.language.rawValue, key.channel.rawValue, key.recipient,
        ]
        let values: StatementArguments = [
            state.status.rawValue, state.reason, state.run.rawValue, state.asOf.daysSinceEpoch, state.messageID,
            state.subject, state.text, state.files.joined(separator: "\n"), state.attempts,
            state.notedAt.microseconds,
        ]
        let columns = "status, reason, run_id, as_of, message_id, subject, text, files, attempts, noted_at"
        try write { db in
            // An insert that meets a row would use up a number.
            try db.execute(
                sql: "UPDATE deliveries SET (\(columns)) = (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) WHERE \(Self.keyCondition)",
                arguments: values + keys)
            guard db.changesCount == 0 else { return }
            try db.execute(
                sql: """
                    INSERT INTO deliveries (job, period, report, language, channel, recipient, \(columns))
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """, arguments: keys + values)
        }
    }

    private static let keyCondition =
        "(job, period, report, language, channel, recipient) = (?, ?, ?, ?, ?, ?)"

    /// The ledger's row for a delivery; `nil` where there is none.
    public func delivery(_ key: DeliveryKey) throws -> DeliveryRecord? {
        try deliveries(
            where: Self.keyCondition,
            arguments: [
                key.job, key.period, key.report, key.language.rawValue, key.channel.rawValue, key.recipient,
            ], limit: 1
        ).first
    }

    /// A row of the ledger by its number; `nil` where there is none.
    public func delivery(_ id: DeliveryID) throws -> DeliveryRecord? {
        try deliveries(where: "delivery_id = ?", arguments: [id.rawValue], limit: 1).first
    }

    /// The newest rows of the ledger first, at most `limit`.
    public func deliveries(limit: Int) throws -> [DeliveryRecord] {
        try deliveries(where: "TRUE", arguments: [], limit: limit)
    }

    /// The rows that a run wrote last, the newest first.
    public func deliveries(of run: RunID) throws -> [DeliveryRecord] {
        try deliveries(where: "run_id = ?", arguments: [run.rawValue], limit: .max)
    }

    private func deliveries(
        where condition: String, arguments: StatementArguments, limit: Int
    ) throws -> [DeliveryRecord] {
        try read { db in
            try GRDB.Row.fetchAll(
                db, sql: "SELECT * FROM deliveries WHERE \(condition) ORDER BY delivery_id DESC LIMIT ?",
                arguments: arguments + [limit]
            ).compactMap(Self.record)
        }
    }

    private static func record(_ row: GRDB.Row) throws -> DeliveryRecord? {
        guard let language = Language(rawValue: try row.known("language")),
            let channel = DeliveryChannel(rawValue: try row.known("channel")),
            let status = DeliveryStatus(rawValue: try row.known("status"))
        else { return nil }
        let files: String = try row.known("files")
        return DeliveryRecord(
            id: DeliveryID(rawValue: try row.known("delivery_id")),
            key: DeliveryKey(
                job: try row.known("job"), period: try row.known("period"), report: try row.known("report"),
                language: language, channel: channel, recipient: try row.known("recipient")),
            state: DeliveryState(
                status: status, reason: try row.known("reason"), run: RunID(rawValue: try row.known("run_id")),
                asOf: try row.day("as_of"), messageID: try row.known("message_id"),
                subject: try row.known("subject"), text: try row.known("text"),
                files: files.split(separator: "\n").map(String.init), attempts: try row.known("attempts"),
                notedAt: try row.instant("noted_at")))
    }
}
