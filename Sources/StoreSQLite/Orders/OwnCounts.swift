import Domain
import GRDB
import Store

/// Counts the cases of single recommendations in the windows, as they are now.
struct OwnCounts {
    let db: GRDB.Database
    let figures: OwnFigures

    /// The cases and successes of a recommendation up to a day; `nil` where it has no case. The cost depends on how much
    /// feedback the last 90 days have where the recommendation has running sums, else on all of its feedback.
    func counts(of recommendation: RecommendationID, asOf: Day) throws -> WindowCounts? {
        guard let ratings = try FeedbackSums(db).ratings(of: recommendation) else {
            let feedback = try RecordReader(db: db).feedback(on: recommendation)
            return WindowCounts(ofCasesIn: figures.tallies(of: feedback, asOf: asOf))
        }
        // What is dated later than the day is in the sums, and is taken away.
        let successes = ratings.dropFirst(figures.successRating.value - 1).reduce(0, &+)
        var counts = WindowCounts()
        counts.all = WindowCounts.Count(
            samples: Int32(clamping: ratings.reduce(0, &+)), successes: Int32(clamping: successes))
        let recent = try Statement(
            db,
            """
            SELECT f.created_at, f.rating FROM summed_feedback s JOIN feedback f ON f.feedback_id = s.feedback_id
            WHERE s.recommendation_id = ? AND s.is_withdrawn = 0 AND s.created_at >= ?
            """)
        recent.bind(recommendation.rawValue, at: 1)
        recent.bind(figures.recentStart(asOf: asOf), at: 2)
        while try recent.step() {
            let (day, rating) = (figures.timezone.day(of: try recent.instant(0)), Int(recent.int64(1)))
            let isSuccess = rating >= figures.successRating.value
            if day > asOf {
                counts.all.add(isSuccess: isSuccess, factor: -1)
            } else {
                counts.addToLimitedWindows(on: day, asOf: asOf, isSuccess: isSuccess)
            }
        }
        return counts.all.samples > 0 ? counts : nil
    }
}
