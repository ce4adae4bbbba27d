extension Schema {
    /// Deltas of one run in one row.
    static let batches = """
        -- Of a row that is a batch: diagnosis_id is the first that it has deltas of, this is the last.
        ALTER TABLE deltas ADD COLUMN last_diagnosis_id INTEGER;
        ALTER TABLE deltas ADD COLUMN batch BLOB;
        CREATE INDEX delta_batches ON deltas (run_id, diagnosis_id)
            WHERE last_diagnosis_id IS NOT NULL;
        """

    /// Deltas without SQLite's own count of numbers, which is a page of another table that each commit writes as well. The
    /// newest delta is never pruned, so that no number comes again.
    static let outbox = """
        CREATE TABLE outbox (
            seq INTEGER PRIMARY KEY,
            run_id INTEGER NOT NULL,
            diagnosis_id INTEGER NOT NULL,
            type TEXT NOT NULL,
            data TEXT NOT NULL,
            at INTEGER NOT NULL DEFAULT 0,
            last_diagnosis_id INTEGER,
            batch BLOB
        ) STRICT;
        INSERT INTO outbox SELECT seq, run_id, diagnosis_id, type, data, at, last_diagnosis_id, batch FROM deltas;
        -- Where the newest is gone, one of nobody has its number.
        INSERT INTO outbox (seq, run_id, diagnosis_id, type, data)
            SELECT seq, 0, 0, 'feedback_update', '{}' FROM sqlite_sequence
            WHERE name = 'deltas' AND seq > coalesce((SELECT max(seq) FROM outbox), 0);
        DROP TABLE deltas;
        ALTER TABLE outbox RENAME TO deltas;
        CREATE INDEX deltas_of_diagnosis ON deltas (diagnosis_id, seq);
        CREATE INDEX delta_batches ON deltas (run_id, diagnosis_id) WHERE last_diagnosis_id IS NOT NULL;
        """
}
