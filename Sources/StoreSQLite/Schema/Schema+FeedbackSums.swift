extension Schema {
    /// Running sums of the feedback on recommendations that the API wrote. Triggers delete the sums of a recommendation when
    /// its feedback is written by anything else; the next write through the API builds them again.
    static let feedbackSums = """
        CREATE TABLE feedback_sums (
            recommendation_id INTEGER PRIMARY KEY,
            rating_1 INTEGER NOT NULL, rating_2 INTEGER NOT NULL, rating_3 INTEGER NOT NULL,
            rating_4 INTEGER NOT NULL, rating_5 INTEGER NOT NULL,
            improvements INTEGER NOT NULL, improvement_sum INTEGER NOT NULL,
            compliances INTEGER NOT NULL, compliance_sum INTEGER NOT NULL,
            -- Distinct side effects.
            side_effects INTEGER NOT NULL,
            -- Whether the writer that updates the sums is writing feedback; never 1 in a committed row.
            is_writing INTEGER NOT NULL
        ) STRICT;

        -- The feedback that the sums cover, with withdrawn feedback, in the orders in which it is counted.
        CREATE TABLE summed_feedback (
            recommendation_id INTEGER NOT NULL,
            is_withdrawn INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            feedback_id INTEGER NOT NULL,
            import_id INTEGER NOT NULL,
            PRIMARY KEY (recommendation_id, is_withdrawn, created_at, feedback_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX summed_feedback_by_import ON summed_feedback (recommendation_id, import_id);

        -- Keys are in NFC, so that they compare and sort by bytes as strings do. The name is the spelling in the feedback
        -- with the lowest id that mentions the side effect.
        CREATE TABLE side_effect_sums (
            side_effect_id INTEGER PRIMARY KEY,
            recommendation_id INTEGER NOT NULL,
            key TEXT NOT NULL,
            count INTEGER NOT NULL,
            first_feedback_id INTEGER NOT NULL,
            name TEXT NOT NULL,
            UNIQUE (recommendation_id, key)
        ) STRICT;
        CREATE INDEX side_effect_sums_by_count ON side_effect_sums (recommendation_id, count DESC, key);

        CREATE TABLE side_effect_mentions (
            side_effect_id INTEGER NOT NULL,
            feedback_id INTEGER NOT NULL,
            PRIMARY KEY (side_effect_id, feedback_id)
        ) STRICT, WITHOUT ROWID;

        CREATE TRIGGER feedback_sums_delete AFTER DELETE ON feedback_sums BEGIN
            DELETE FROM summed_feedback WHERE recommendation_id = OLD.recommendation_id;
            DELETE FROM side_effect_mentions WHERE side_effect_id IN
                (SELECT side_effect_id FROM side_effect_sums WHERE recommendation_id = OLD.recommendation_id);
            DELETE FROM side_effect_sums WHERE recommendation_id = OLD.recommendation_id;
        END;
        \(triggers)
        """

    /// Triggers that delete the sums of recommendations whose feedback or notes are written.
    private static var triggers: String {
        let events = [("INSERT", ["NEW"]), ("UPDATE", ["OLD", "NEW"]), ("DELETE", ["OLD"])]
        let tables: [(name: String, recommendation: (String) -> String)] = [
            ("feedback", { "\($0).recommendation_id" }),
            (
                "feedback_notes",
                { "(SELECT recommendation_id FROM feedback WHERE feedback_id = \($0).feedback_id)" }
            ),
        ]
        return tables.flatMap { table in
            events.map { event, rows in
                let deletions = rows.map { row in
                    "DELETE FROM feedback_sums WHERE recommendation_id = \(table.recommendation(row)) AND NOT is_writing;"
                }
                return """
                    CREATE TRIGGER \(table.name)_\(event.lowercased())_sums AFTER \(event) ON \(table.name) BEGIN
                        \(deletions.joined(separator: "\n    "))
                    END;
                    """
            }
        }.joined(separator: "\n")
    }
}
