extension Schema {
    /// What patients see of predictions, packed like other results, and the run that it is from. Patients see nothing of
    /// predictions until the first run after this.
    static let patientView = """
        CREATE TABLE patient_predictions (page INTEGER PRIMARY KEY, rows BLOB NOT NULL) STRICT;
        CREATE TABLE patient_predictions_history (
            recommendation_id INTEGER NOT NULL,
            rank INTEGER NOT NULL, tenths INTEGER, experience TEXT NOT NULL, basis TEXT NOT NULL, similar TEXT,
            since INTEGER NOT NULL, until INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX patient_predictions_history_of_recommendation ON patient_predictions_history (recommendation_id);
        CREATE TABLE patient_publication (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            -- The clinic's day, by the clock, of the run.
            day INTEGER NOT NULL,
            as_of INTEGER NOT NULL,
            published_at INTEGER NOT NULL
        ) STRICT;
        """
}
