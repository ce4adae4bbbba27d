extension Schema {
    /// Times of deltas, pruned deltas, and revoked tokens.
    static let relay = """
        ALTER TABLE deltas ADD COLUMN at INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX deltas_of_diagnosis ON deltas (diagnosis_id, seq);
        CREATE INDEX recommendations_of_diagnosis ON recommendations (diagnosis_id);

        -- The newest delta that was pruned: who has seen less than that cannot be told what was missed.
        CREATE TABLE pruned_deltas (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            seq INTEGER NOT NULL
        ) STRICT;

        -- A token by its id, or all of a subject that were issued up to an instant.
        CREATE TABLE revocations (
            revocation_id INTEGER PRIMARY KEY AUTOINCREMENT,
            jti TEXT,
            subject TEXT,
            issued_until INTEGER,
            at INTEGER NOT NULL,
            CHECK ((jti IS NULL) <> (subject IS NULL))
        ) STRICT;
        """
}
