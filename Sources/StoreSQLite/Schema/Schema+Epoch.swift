extension Schema {
    /// The epoch of the outbox.
    static let outboxEpoch = """
        CREATE TABLE outbox_epoch (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            epoch TEXT NOT NULL
        ) STRICT;
        INSERT INTO outbox_epoch (only, epoch) VALUES (1, lower(hex(randomblob(8))));
        """
}
