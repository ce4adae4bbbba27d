extension Schema {
    /// Idempotency keys of a subject in one role and for one patient. Keys that are there keep an empty role, since it is not
    /// known; they are forgotten after a day.
    static let requesterKeys = """
        CREATE TABLE requester_keys (
            subject TEXT NOT NULL,
            key TEXT NOT NULL,
            role TEXT NOT NULL,
            -- 0 for requesters who are no patients.
            patient_id INTEGER NOT NULL,
            fingerprint TEXT NOT NULL,
            status INTEGER NOT NULL,
            answer TEXT NOT NULL,
            -- Positions of the items that were refused, separated by commas.
            refused TEXT NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (subject, key, role, patient_id)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO requester_keys SELECT subject, key, '', 0, fingerprint, status, answer, '', at FROM idempotency_keys;
        DROP TABLE idempotency_keys;
        ALTER TABLE requester_keys RENAME TO idempotency_keys;
        CREATE INDEX idempotency_keys_by_age ON idempotency_keys (at);
        """
}
