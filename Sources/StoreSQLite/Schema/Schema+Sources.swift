extension Schema {
    /// What is known of a source's records besides the records: the numbers of its text ids and rows, and the years in which
    /// patients may be born of whom only ages are known.
    static let sources = """
        CREATE TABLE record_keys (
            source TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('row', 'patient', 'diagnosis', 'recommendation', 'feedback')),
            key BLOB NOT NULL,
            number INTEGER NOT NULL,
            PRIMARY KEY (source, kind, key)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX record_keys_by_number ON record_keys (number);

        CREATE TABLE birth_year_ranges (
            patient_id INTEGER PRIMARY KEY,
            first_year INTEGER NOT NULL,
            last_year INTEGER NOT NULL
        ) STRICT;

        -- Whether the rows of an import have keys: those of earlier versions were known by their position in the file.
        ALTER TABLE imports ADD COLUMN has_keys INTEGER NOT NULL DEFAULT 0;
        """
}
