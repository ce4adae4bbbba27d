import Domain
import Store

/// Reads summaries and counts from the sums.
extension FeedbackSums {
    /// The summary that the sums of a recommendation give; `nil` where it has none.
    ///
    /// - Parameter limit: the most side effects that are listed; `nil` for all.
    func summary(
        of recommendation: RecommendationID, in diagnosis: DiagnosisID, limit: Int?
    ) throws -> FeedbackSummary? {
        guard let sums = try stored(recommendation) else { return nil }
        var summary = FeedbackSummary(of: recommendation, in: diagnosis)
        summary.ratings = sums.ratings.map { Int($0) }
        summary.tally.samples = Int32(clamping: sums.ratings.reduce(0, &+))
        summary.tally.ratingSum = Int32(
            clamping: sums.ratings.enumerated().reduce(0) { $0 &+ Int64($1.offset + 1) &* $1.element })
        summary.tally.improvements = Int32(clamping: sums.improvements)
        summary.tally.improvementSum = Int32(clamping: sums.improvementSum)
        summary.tally.compliances = Int32(clamping: sums.compliances)
        summary.tally.complianceSum = sums.complianceSum
        summary.sideEffectCount = Int(sums.sideEffects)
        let newest = try statement(
            """
            SELECT created_at FROM summed_feedback WHERE recommendation_id = ? AND is_withdrawn = 0
            ORDER BY created_at DESC LIMIT 1
            """)
        newest.bind(recommendation.rawValue, at: 1)
        if try newest.step() { summary.newest = try newest.instant(0) }
        newest.reset()
        let effects = try statement(
            "SELECT name, count FROM side_effect_sums WHERE recommendation_id = ? ORDER BY count DESC, key LIMIT ?")
        effects.bind(recommendation.rawValue, at: 1)
        effects.bind(limit ?? -1, at: 2)
        while try effects.step() { summary.sideEffects.append((effects.text(0) ?? "", Int(effects.int64(1)))) }
        return summary
    }

    /// How often each rating from 1 to 5 was given in feedback that was not withdrawn; `nil` where there are no sums.
    func ratings(of recommendation: RecommendationID) throws -> [Int64]? { try stored(recommendation)?.ratings }

    /// How much feedback on a recommendation was given in a span of time, with withdrawn feedback, counted up to `limit`.
    /// The cost depends on `limit` only where the recommendation has sums.
    func count(on recommendation: RecommendationID, from start: Instant, to end: Instant, limit: Int) throws -> Int {
        let source =
            try exist(for: recommendation)
            ? "summed_feedback WHERE recommendation_id = ? AND is_withdrawn IN (0, 1)"
            : "feedback WHERE recommendation_id = ?"
        let count = try statement(
            "SELECT count(*) FROM (SELECT 1 FROM \(source) AND created_at >= ? AND created_at < ? LIMIT ?)")
        count.bind(recommendation.rawValue, at: 1)
        count.bind(start, at: 2)
        count.bind(end, at: 3)
        count.bind(limit, at: 4)
        defer { count.reset() }
        return try count.step() ? Int(count.int64(0)) : 0
    }

    /// How much feedback on a recommendation imports after one wrote last, counted up to `limit`. The cost depends on
    /// `limit` only where the recommendation has sums.
    func count(on recommendation: RecommendationID, afterImport importID: Int64, limit: Int) throws -> Int {
        let table = try exist(for: recommendation) ? "summed_feedback" : "feedback"
        let count = try statement(
            "SELECT count(*) FROM (SELECT 1 FROM \(table) WHERE recommendation_id = ? AND import_id > ? LIMIT ?)")
        count.bind(recommendation.rawValue, at: 1)
        count.bind(importID, at: 2)
        count.bind(limit, at: 3)
        defer { count.reset() }
        return try count.step() ? Int(count.int64(0)) : 0
    }
}
