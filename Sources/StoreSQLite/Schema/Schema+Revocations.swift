extension Schema {
    /// Revocations of all tokens that were issued up to an instant: those without a token id and a subject.
    static let generalRevocations = """
        CREATE TABLE general_revocations (
            revocation_id INTEGER PRIMARY KEY AUTOINCREMENT,
            jti TEXT,
            subject TEXT,
            issued_until INTEGER,
            at INTEGER NOT NULL,
            CHECK (jti IS NULL OR subject IS NULL),
            CHECK (jti IS NOT NULL OR subject IS NOT NULL OR issued_until IS NOT NULL)
        ) STRICT;
        INSERT INTO general_revocations SELECT revocation_id, jti, subject, issued_until, at FROM revocations;
        -- Numbers are not reused, also where the newest is gone.
        DELETE FROM sqlite_sequence WHERE name = 'general_revocations';
        INSERT INTO sqlite_sequence SELECT 'general_revocations', seq FROM sqlite_sequence WHERE name = 'revocations';
        DROP TABLE revocations;
        ALTER TABLE general_revocations RENAME TO revocations;
        """
}
