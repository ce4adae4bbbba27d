import Domain
import GRDB
import Store

extension FeedbackSums {
    /// Whether all sums are those of the feedback. Reads all feedback on recommendations that have sums.
    static func areTrue(_ db: GRDB.Database) throws -> Bool {
        let sums = FeedbackSums(db)
        let reader = RecordReader(db: db)
        let recommendations = try Statement(
            db,
            """
            SELECT s.recommendation_id, s.is_writing, r.diagnosis_id FROM feedback_sums s
            LEFT JOIN recommendations r ON r.recommendation_id = s.recommendation_id
            """)
        while try recommendations.step() {
            guard recommendations.int64(1) == 0 else { return false }
            guard let diagnosis = recommendations.optional(2, { DiagnosisID(rawValue: recommendations.int64($0)) })
            else { continue }
            let recommendation = RecommendationID(rawValue: recommendations.int64(0))
            let kept = try sums.summary(of: recommendation, in: diagnosis, limit: nil)
            guard try kept == reader.summary(of: recommendation, in: diagnosis, limit: nil) else { return false }
        }
        let differences = try Statement(
            db,
            """
            SELECT 1 FROM feedback f JOIN feedback_sums s ON s.recommendation_id = f.recommendation_id
            LEFT JOIN summed_feedback c ON c.recommendation_id = f.recommendation_id
                AND c.is_withdrawn = (f.deleted_at IS NOT NULL) AND c.created_at = f.created_at
                AND c.feedback_id = f.feedback_id AND c.import_id = f.import_id
            WHERE c.feedback_id IS NULL
            UNION ALL
            SELECT 1 FROM summed_feedback c LEFT JOIN feedback f ON f.feedback_id = c.feedback_id
            WHERE f.recommendation_id IS NOT c.recommendation_id
            UNION ALL
            SELECT 1 FROM side_effect_sums e WHERE e.count <>
                (SELECT count(*) FROM side_effect_mentions m WHERE m.side_effect_id = e.side_effect_id)
            LIMIT 1
            """)
        return try !differences.step()
    }
}
