extension Schema {
    /// What the API needs: authors, answers to idempotent requests, the audit log, and sums that anybody may see.
    static let api = """
        -- The newest entry of the audit log that the published results have seen.
        ALTER TABLE publications ADD COLUMN last_entry INTEGER NOT NULL DEFAULT 0;

        CREATE INDEX feedback_of_recommendation ON feedback (recommendation_id);
        CREATE INDEX predictions_history_of_recommendation ON predictions_history (recommendation_id);
        CREATE INDEX diagnoses_of_patient ON diagnoses (patient_id);

        -- Which import first wrote a feedback that another changed since.
        CREATE TABLE feedback_origins (
            feedback_id INTEGER PRIMARY KEY,
            import_id INTEGER NOT NULL
        ) STRICT;

        -- What anybody may see: sums over blocks of cases, and what edits and withdrawals made of them, which has no days.
        CREATE TABLE public_blocks (
            block_id INTEGER PRIMARY KEY AUTOINCREMENT,
            treatment INTEGER NOT NULL,
            content TEXT NOT NULL CHECK (content IN ('cases', 'edits', 'withdrawals')),
            first_day INTEGER,
            last_day INTEGER,
            last_import INTEGER NOT NULL,
            samples INTEGER NOT NULL, successes INTEGER NOT NULL, rating_sum INTEGER NOT NULL,
            improvements INTEGER NOT NULL, improvement_sum INTEGER NOT NULL, compliances INTEGER NOT NULL, compliance_sum INTEGER NOT NULL,
            run_id INTEGER NOT NULL
        ) STRICT;

        -- Who gave a feedback through the API: the subject of their token.
        CREATE TABLE feedback_authors (
            feedback_id INTEGER PRIMARY KEY REFERENCES feedback,
            subject TEXT NOT NULL
        ) STRICT;

        -- What was answered to requests that may come again.
        CREATE TABLE idempotency_keys (
            subject TEXT NOT NULL,
            key TEXT NOT NULL,
            fingerprint TEXT NOT NULL,
            status INTEGER NOT NULL,
            answer TEXT NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (subject, key)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX idempotency_keys_by_age ON idempotency_keys (at);

        -- Everything that was written through the API; each hash covers its entry and the hash before it.
        CREATE TABLE audit (
            audit_id INTEGER PRIMARY KEY AUTOINCREMENT,
            at INTEGER NOT NULL,
            subject TEXT NOT NULL,
            role TEXT NOT NULL,
            request TEXT NOT NULL,
            action TEXT NOT NULL,
            record_id INTEGER NOT NULL,
            before TEXT,
            after TEXT NOT NULL,
            hash TEXT NOT NULL
        ) STRICT;
        """
}
