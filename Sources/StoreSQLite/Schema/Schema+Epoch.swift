import GRDB

extension Schema {
    /// The expression of another epoch than any before.
    private static let newEpoch = "lower(hex(randomblob(8)))"

    /// The epoch of the outbox.
    static let outboxEpoch = """
        CREATE TABLE outbox_epoch (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            epoch TEXT NOT NULL
        ) STRICT;
        INSERT INTO outbox_epoch (only, epoch) VALUES (1, \(newEpoch));
        """

    /// Draws another epoch. A database of an older version has none, and gets one with its migration.
    static func renewOutboxEpoch(_ db: GRDB.Database) throws {
        guard try db.tableExists("outbox_epoch") else { return }
        try db.execute(sql: "UPDATE outbox_epoch SET epoch = \(newEpoch)")
    }
}
