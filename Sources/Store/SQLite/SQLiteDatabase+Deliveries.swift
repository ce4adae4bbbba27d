public import Domain
import GRDB

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

    private static func record(_ row: GRDB.Row) -> DeliveryRecord? {
        guard let language = Language(rawValue: row["language"]),
            let channel = DeliveryChannel(rawValue: row["channel"]),
            let status = DeliveryStatus(rawValue: row["status"])
        else { return nil }
        let files: String = row["files"]
        return DeliveryRecord(
            id: DeliveryID(rawValue: row["delivery_id"]),
            key: DeliveryKey(
                job: row["job"], period: row["period"], report: row["report"], language: language, channel: channel,
                recipient: row["recipient"]),
            state: DeliveryState(
                status: status, reason: row["reason"], run: RunID(rawValue: row["run_id"]),
                asOf: Day(daysSinceEpoch: row["as_of"]), messageID: row["message_id"], subject: row["subject"],
                text: row["text"], files: files.split(separator: "\n").map(String.init), attempts: row["attempts"],
                notedAt: Instant(microseconds: row["noted_at"])))
    }
}
