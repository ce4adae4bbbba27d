import GRDB
import Store

/// The tables, as migrations: a migration that has shipped is never edited.
///
/// Instants are microseconds since 1970 in UTC, days are days since 1970-01-01, compliance is in billionths.
enum Schema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("records") { try $0.execute(sql: records) }
        migrator.registerMigration("results") { try $0.execute(sql: results) }
        migrator.registerMigration("runs") { try $0.execute(sql: runs) }
        migrator.registerMigration("operations") { try $0.execute(sql: operations) }
        migrator.registerMigration("relay") { try $0.execute(sql: relay) }
        migrator.registerMigration("api") { try $0.execute(sql: api) }
        migrator.registerMigration("pages") { db in
            try ResultPages.migrate(db)
            try db.execute(sql: batches)
        }
        migrator.registerMigration("bodies") { db in
            try db.execute(sql: bodies)
            try ResultPages.splitPredictions(db)
        }
        migrator.registerMigration("blocks") { db in
            try db.execute(
                sql: "CREATE TABLE record_blocks (block INTEGER PRIMARY KEY, columns BLOB NOT NULL) STRICT")
            try RecordBlock.addTriggers(db)
        }
        // Nothing refers to deltas, and to look at all that refers to something takes seconds where there is much.
        migrator.registerMigration("outbox", foreignKeyChecks: .immediate) { try $0.execute(sql: outbox) }
        migrator.registerMigration("keys", foreignKeyChecks: .immediate) { try renewKeys($0) }
        migrator.registerMigration("sources", foreignKeyChecks: .immediate) { try $0.execute(sql: sources) }
        migrator.registerMigration("public months", foreignKeyChecks: .immediate) { try $0.execute(sql: publicMonths) }
        migrator.registerMigration("ledger", foreignKeyChecks: .immediate) { try extendAudit($0) }
        migrator.registerMigration("feedback sums", foreignKeyChecks: .immediate) { try $0.execute(sql: feedbackSums) }
        migrator.registerMigration("requester keys", foreignKeyChecks: .immediate) {
            try $0.execute(sql: requesterKeys)
        }
        migrator.registerMigration("general revocations", foreignKeyChecks: .immediate) {
            try $0.execute(sql: generalRevocations)
        }
        migrator.registerMigration("patient view", foreignKeyChecks: .immediate) { try $0.execute(sql: patientView) }
        migrator.registerMigration("released figures", foreignKeyChecks: .immediate) {
            try $0.execute(sql: releasedFigures)
        }
        migrator.registerMigration("outbox epoch", foreignKeyChecks: .immediate) { try $0.execute(sql: outboxEpoch) }
        return migrator
    }

    /// What the clinic recorded. Names are stored once per spelling, so that the large tables hold numbers only.
    private static let records = """
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

    /// What runs published. `since` is the as-of day of the run that wrote a row; a superseded row moves to the history
    /// with `until`, the as-of day of the run that superseded it.
    private static let results = """
        CREATE TABLE effectiveness (
            level INTEGER NOT NULL, subject INTEGER NOT NULL,
            samples_30 INTEGER NOT NULL, successes_30 INTEGER NOT NULL, rating_sum_30 INTEGER NOT NULL,
            improvements_30 INTEGER NOT NULL, improvement_sum_30 INTEGER NOT NULL, compliances_30 INTEGER NOT NULL, compliance_sum_30 INTEGER NOT NULL,
            samples_90 INTEGER NOT NULL, successes_90 INTEGER NOT NULL, rating_sum_90 INTEGER NOT NULL,
            improvements_90 INTEGER NOT NULL, improvement_sum_90 INTEGER NOT NULL, compliances_90 INTEGER NOT NULL, compliance_sum_90 INTEGER NOT NULL,
            samples_all INTEGER NOT NULL, successes_all INTEGER NOT NULL, rating_sum_all INTEGER NOT NULL,
            improvements_all INTEGER NOT NULL, improvement_sum_all INTEGER NOT NULL, compliances_all INTEGER NOT NULL, compliance_sum_all INTEGER NOT NULL,
            since INTEGER NOT NULL,
            PRIMARY KEY (level, subject)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE effectiveness_history (
            level INTEGER NOT NULL, subject INTEGER NOT NULL,
            samples_30 INTEGER NOT NULL, successes_30 INTEGER NOT NULL, rating_sum_30 INTEGER NOT NULL,
            improvements_30 INTEGER NOT NULL, improvement_sum_30 INTEGER NOT NULL, compliances_30 INTEGER NOT NULL, compliance_sum_30 INTEGER NOT NULL,
            samples_90 INTEGER NOT NULL, successes_90 INTEGER NOT NULL, rating_sum_90 INTEGER NOT NULL,
            improvements_90 INTEGER NOT NULL, improvement_sum_90 INTEGER NOT NULL, compliances_90 INTEGER NOT NULL, compliance_sum_90 INTEGER NOT NULL,
            samples_all INTEGER NOT NULL, successes_all INTEGER NOT NULL, rating_sum_all INTEGER NOT NULL,
            improvements_all INTEGER NOT NULL, improvement_sum_all INTEGER NOT NULL, compliances_all INTEGER NOT NULL, compliance_sum_all INTEGER NOT NULL,
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
            diagnosis_id INTEGER NOT NULL, basis TEXT NOT NULL,
            historical_samples INTEGER NOT NULL, historical_successes INTEGER NOT NULL,
            similar_patients INTEGER NOT NULL, similar_successes INTEGER NOT NULL,
            score REAL NOT NULL, confidence REAL NOT NULL, rank INTEGER NOT NULL,
            announced_score REAL NOT NULL,
            since INTEGER NOT NULL,
            PRIMARY KEY (recommendation_id)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE predictions_history (
            recommendation_id INTEGER NOT NULL,
            diagnosis_id INTEGER NOT NULL, basis TEXT NOT NULL,
            historical_samples INTEGER NOT NULL, historical_successes INTEGER NOT NULL,
            similar_patients INTEGER NOT NULL, similar_successes INTEGER NOT NULL,
            score REAL NOT NULL, confidence REAL NOT NULL, rank INTEGER NOT NULL,
            announced_score REAL NOT NULL,
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

    private static let runs = """
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

    private static let operations = """
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

    private static let relay = """
        ALTER TABLE deltas ADD COLUMN at INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX deltas_of_diagnosis ON deltas (diagnosis_id, seq);
        CREATE INDEX recommendations_of_diagnosis ON recommendations (diagnosis_id);

        -- The newest delta that was pruned: who has seen less than that cannot be told what was missed.
        CREATE TABLE pruned_deltas (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            seq INTEGER NOT NULL
        ) STRICT;

        -- A token by its id, or all of a subject that were issued up to an instant.
        CREATE TABLE revocations (
            revocation_id INTEGER PRIMARY KEY AUTOINCREMENT,
            jti TEXT,
            subject TEXT,
            issued_until INTEGER,
            at INTEGER NOT NULL,
            CHECK ((jti IS NULL) <> (subject IS NULL))
        ) STRICT;
        """

    private static let api = """
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

    private static let batches = """
        -- Of a row that is a batch: diagnosis_id is the first that it has deltas of, this is the last.
        ALTER TABLE deltas ADD COLUMN last_diagnosis_id INTEGER;
        ALTER TABLE deltas ADD COLUMN batch BLOB;
        CREATE INDEX delta_batches ON deltas (run_id, diagnosis_id)
            WHERE last_diagnosis_id IS NOT NULL;
        """

    private static let bodies = """
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

    private static let publicMonths = """
        -- The calendar months whose figures were released to anybody, each by its last day, with the run that did.
        CREATE TABLE public_months (last_day INTEGER PRIMARY KEY, run_id INTEGER NOT NULL) STRICT;
        """
}
