extension Schema {
    /// Runs, their stages, and what they published last.
    static let runs = """
        CREATE TABLE runs (
            run_id INTEGER PRIMARY KEY AUTOINCREMENT,
            job TEXT NOT NULL,
            as_of INTEGER NOT NULL,
            trigger TEXT NOT NULL,
            started_at INTEGER NOT NULL,
            ended_at INTEGER,
            status TEXT NOT NULL,
            error TEXT,
            digest TEXT,
            software_version TEXT NOT NULL,
            model_version TEXT NOT NULL,
            settings TEXT NOT NULL
        ) STRICT;

        CREATE TABLE run_stages (
            run_id INTEGER NOT NULL REFERENCES runs,
            stage TEXT NOT NULL,
            rows_read INTEGER NOT NULL,
            rows_written INTEGER NOT NULL,
            seconds REAL NOT NULL,
            PRIMARY KEY (run_id, stage)
        ) STRICT, WITHOUT ROWID;

        -- Which day each stage's published results are of.
        CREATE TABLE publications (
            stage TEXT PRIMARY KEY,
            run_id INTEGER NOT NULL REFERENCES runs,
            as_of INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """

    /// Deliveries of reports, and more columns of runs, publications and imports.
    static let operations = """
        -- The most memory of the process during a stage, in bytes, and the digest of what the stage computed.
        ALTER TABLE run_stages ADD COLUMN memory INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE run_stages ADD COLUMN digest TEXT;
        ALTER TABLE runs ADD COLUMN deltas INTEGER NOT NULL DEFAULT 0;
        -- The newest import that the published results have seen.
        ALTER TABLE publications ADD COLUMN last_import INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE imports ADD COLUMN rejected INTEGER NOT NULL DEFAULT 0;

        -- What became of each report for each recipient. A mail is noted as unknown before it is sent, so that one whose
        -- sending was cut off is not taken for sent, nor for not sent.
        CREATE TABLE deliveries (
            delivery_id INTEGER PRIMARY KEY AUTOINCREMENT,
            job TEXT NOT NULL,
            period TEXT NOT NULL,
            report TEXT NOT NULL,
            language TEXT NOT NULL,
            channel TEXT NOT NULL,
            recipient TEXT NOT NULL,
            status TEXT NOT NULL,
            reason TEXT,
            run_id INTEGER NOT NULL,
            as_of INTEGER NOT NULL,
            message_id TEXT,
            subject TEXT NOT NULL,
            text TEXT NOT NULL,
            files TEXT NOT NULL,
            attempts INTEGER NOT NULL,
            noted_at INTEGER NOT NULL,
            UNIQUE (job, period, report, language, channel, recipient)
        ) STRICT;
        """
}
