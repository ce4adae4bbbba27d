extension Schema {
    /// The columns of a subject's tallies in each window.
    private static let windowTallies = """
        samples_30 INTEGER NOT NULL, successes_30 INTEGER NOT NULL, rating_sum_30 INTEGER NOT NULL,
            improvements_30 INTEGER NOT NULL, improvement_sum_30 INTEGER NOT NULL, compliances_30 INTEGER NOT NULL, compliance_sum_30 INTEGER NOT NULL,
            samples_90 INTEGER NOT NULL, successes_90 INTEGER NOT NULL, rating_sum_90 INTEGER NOT NULL,
            improvements_90 INTEGER NOT NULL, improvement_sum_90 INTEGER NOT NULL, compliances_90 INTEGER NOT NULL, compliance_sum_90 INTEGER NOT NULL,
            samples_all INTEGER NOT NULL, successes_all INTEGER NOT NULL, rating_sum_all INTEGER NOT NULL,
            improvements_all INTEGER NOT NULL, improvement_sum_all INTEGER NOT NULL, compliances_all INTEGER NOT NULL, compliance_sum_all INTEGER NOT NULL
        """

    /// The columns of a prediction.
    private static let prediction = """
        diagnosis_id INTEGER NOT NULL, basis TEXT NOT NULL,
            historical_samples INTEGER NOT NULL, historical_successes INTEGER NOT NULL,
            similar_patients INTEGER NOT NULL, similar_successes INTEGER NOT NULL,
            score REAL NOT NULL, confidence REAL NOT NULL, rank INTEGER NOT NULL,
            announced_score REAL NOT NULL
        """

    /// What runs published. `since` is the as-of day of the run that wrote a row; a superseded row moves to the history
    /// with `until`, the as-of day of the run that superseded it.
    static let results = """
        CREATE TABLE effectiveness (
            level INTEGER NOT NULL, subject INTEGER NOT NULL,
            \(windowTallies),
            since INTEGER NOT NULL,
            PRIMARY KEY (level, subject)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE effectiveness_history (
            level INTEGER NOT NULL, subject INTEGER NOT NULL,
            \(windowTallies),
            since INTEGER NOT NULL, until INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE trends (
            level INTEGER NOT NULL, subject INTEGER NOT NULL,
            recent_samples INTEGER NOT NULL, recent_successes INTEGER NOT NULL,
            baseline_samples INTEGER NOT NULL, baseline_successes INTEGER NOT NULL,
            direction TEXT NOT NULL, p_value REAL,
            since INTEGER NOT NULL,
            PRIMARY KEY (level, subject)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE trends_history (
            level INTEGER NOT NULL, subject INTEGER NOT NULL,
            recent_samples INTEGER NOT NULL, recent_successes INTEGER NOT NULL,
            baseline_samples INTEGER NOT NULL, baseline_successes INTEGER NOT NULL,
            direction TEXT NOT NULL, p_value REAL,
            since INTEGER NOT NULL, until INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE cohorts (
            subject INTEGER NOT NULL,
            patients INTEGER NOT NULL, samples INTEGER NOT NULL, successes INTEGER NOT NULL,
            since INTEGER NOT NULL,
            PRIMARY KEY (subject)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE cohorts_history (
            subject INTEGER NOT NULL,
            patients INTEGER NOT NULL, samples INTEGER NOT NULL, successes INTEGER NOT NULL,
            since INTEGER NOT NULL, until INTEGER NOT NULL
        ) STRICT;

        -- announced_score is the one that live clients were last told.
        CREATE TABLE predictions (
            recommendation_id INTEGER NOT NULL,
            \(prediction),
            since INTEGER NOT NULL,
            PRIMARY KEY (recommendation_id)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE predictions_history (
            recommendation_id INTEGER NOT NULL,
            \(prediction),
            since INTEGER NOT NULL, until INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE priors (
            level INTEGER NOT NULL,
            window TEXT NOT NULL,
            a REAL NOT NULL,
            b REAL NOT NULL,
            PRIMARY KEY (level, window)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE published_names (
            term_id INTEGER PRIMARY KEY REFERENCES terms,
            name TEXT NOT NULL
        ) STRICT;

        -- The outbox for live clients.
        CREATE TABLE deltas (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            run_id INTEGER NOT NULL,
            diagnosis_id INTEGER NOT NULL,
            type TEXT NOT NULL,
            data TEXT NOT NULL
        ) STRICT;
        """
}
