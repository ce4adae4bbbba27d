extension Schema {
    /// Predictions without what follows from the historical evidence of their treatments, which has tables of its own.
    static let bodies = """
        ALTER TABLE predictions_history RENAME TO complete_predictions_history;
        DROP INDEX predictions_history_of_recommendation;
        CREATE INDEX complete_predictions_of_recommendation ON complete_predictions_history (recommendation_id);

        -- A prediction follows from its row and from the body of cases of its treatment; the told score is the one that live
        -- clients know.
        CREATE TABLE predictions_history (
            recommendation_id INTEGER NOT NULL,
            diagnosis_id INTEGER NOT NULL, treatment INTEGER NOT NULL,
            similar_patients INTEGER NOT NULL, similar_successes INTEGER NOT NULL,
            rank INTEGER NOT NULL, told_score REAL NOT NULL,
            since INTEGER NOT NULL, until INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX predictions_history_of_recommendation ON predictions_history (recommendation_id);

        CREATE TABLE bodies (page INTEGER PRIMARY KEY, rows BLOB NOT NULL) STRICT;
        CREATE TABLE bodies_history (
            treatment INTEGER NOT NULL,
            basis TEXT NOT NULL, samples INTEGER NOT NULL, successes INTEGER NOT NULL,
            since INTEGER NOT NULL, until INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX bodies_history_of_treatment ON bodies_history (treatment);
        """
}
