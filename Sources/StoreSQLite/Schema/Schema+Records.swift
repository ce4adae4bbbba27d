extension Schema {
    /// What the clinic recorded. Names are stored once per spelling, so that the large tables hold numbers only.
    static let records = """
        CREATE TABLE imports (
            import_id INTEGER PRIMARY KEY,
            source TEXT NOT NULL,
            started_at INTEGER NOT NULL
        ) STRICT;

        -- What all spellings of a name have in common: its key.
        CREATE TABLE terms (
            term_id INTEGER PRIMARY KEY CHECK (term_id < 1073741824),
            kind TEXT NOT NULL CHECK (kind IN ('herb', 'condition', 'symptom')),
            key TEXT NOT NULL,
            UNIQUE (kind, key)
        ) STRICT;

        CREATE TABLE spellings (
            spelling_id INTEGER PRIMARY KEY,
            kind TEXT NOT NULL,
            text TEXT NOT NULL,
            term_id INTEGER NOT NULL REFERENCES terms,
            UNIQUE (kind, text)
        ) STRICT;

        CREATE TABLE symptom_sets (
            symptom_set_id INTEGER PRIMARY KEY,
            text TEXT NOT NULL UNIQUE
        ) STRICT;

        CREATE TABLE symptom_set_members (
            symptom_set_id INTEGER NOT NULL REFERENCES symptom_sets,
            term_id INTEGER NOT NULL REFERENCES terms,
            PRIMARY KEY (symptom_set_id, term_id)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE patients (
            patient_id INTEGER PRIMARY KEY,
            mizaj TEXT NOT NULL,
            sex TEXT,
            birth_year INTEGER CHECK (birth_year >= 1900),
            import_id INTEGER NOT NULL REFERENCES imports
        ) STRICT;

        CREATE TABLE diagnoses (
            diagnosis_id INTEGER PRIMARY KEY,
            patient_id INTEGER NOT NULL REFERENCES patients,
            condition_id INTEGER NOT NULL REFERENCES spellings,
            symptom_set_id INTEGER NOT NULL REFERENCES symptom_sets,
            created_at INTEGER NOT NULL,
            import_id INTEGER NOT NULL REFERENCES imports
        ) STRICT;

        CREATE TABLE recommendations (
            recommendation_id INTEGER PRIMARY KEY,
            diagnosis_id INTEGER NOT NULL REFERENCES diagnoses,
            herb_id INTEGER NOT NULL REFERENCES spellings,
            created_at INTEGER NOT NULL,
            import_id INTEGER NOT NULL REFERENCES imports
        ) STRICT;

        CREATE TABLE feedback (
            feedback_id INTEGER PRIMARY KEY,
            recommendation_id INTEGER NOT NULL REFERENCES recommendations,
            rating INTEGER NOT NULL CHECK (rating BETWEEN 1 AND 5),
            improvement INTEGER CHECK (improvement BETWEEN 1 AND 5),
            compliance INTEGER CHECK (compliance BETWEEN 0 AND 1000000000),
            created_at INTEGER NOT NULL,
            deleted_at INTEGER,
            import_id INTEGER NOT NULL REFERENCES imports
        ) STRICT;

        -- Apart from feedback, so that a run reads past no texts.
        CREATE TABLE feedback_notes (
            feedback_id INTEGER PRIMARY KEY REFERENCES feedback,
            side_effects TEXT,
            comment TEXT
        ) STRICT;
        """
}
