import Domain
import GRDB
import Statistics
import Store

/// Reads what was predicted from run to run. A prediction follows from what similar patients say, which has a history of its own,
/// and from the historical evidence of its treatment, which has another.
struct PredictionHistory {
    let db: GRDB.Database

    /// What held from one run to another; to now where there is no end.
    struct Span<Row> {
        let row: Row
        let since: Int32
        let until: Int32?

        /// The days on which another held as well; `nil` where there is none.
        func common<Other>(with other: Span<Other>) -> (since: Day, until: Day?)? {
            let since = max(since, other.since)
            let until = [until, other.until].compactMap { $0 }.min()
            if let until, until <= since { return nil }
            return (Day(daysSinceEpoch: since), until.map(Day.init(daysSinceEpoch:)))
        }
    }

    /// The predictions of recommendations, each from the first to the present one.
    func predictions(of recommendations: [RecommendationID]) throws -> [PastPrediction] {
        var evidence: [Subject: [Span<HistoricalEvidence>]] = [:]
        return try recommendations.flatMap { recommendation in
            var past = try complete(recommendation)
            for row in try spans(of: recommendation, in: .predictions) {
                let treatment = row.row.treatment
                let known = try evidence[treatment] ?? spans(of: treatment, in: .bodies)
                evidence[treatment] = known
                for cases in known {
                    guard let (since, until) = row.common(with: cases) else { continue }
                    past.append(
                        PastPrediction(
                            recommendation: recommendation, prediction: row.row.prediction(on: cases.row), since: since,
                            until: until))
                }
            }
            return past
        }
    }

    /// What held for a key, from the first run to now.
    func spans<Key, Row>(of key: Key, in table: PublishedTable<Key, Row>) throws -> [Span<Row>] {
        let statement = try Statement(
            db,
            """
            SELECT since, until, \(Row.columns.joined(separator: ", ")) FROM \(table.name)_history
            WHERE \(table.key) = ? ORDER BY since, until
            """)
        statement.bind(key.rawValue, at: 1)
        var spans: [Span<Row>] = []
        while try statement.step() {
            let row = try Row.known(in: statement, from: 2, of: "\(table.name)_history")
            let (since, until) = (try statement.day(0).daysSinceEpoch, try statement.day(1).daysSinceEpoch)
            spans.append(Span(row: row, since: since, until: until))
        }
        return spans + (try table.olds([key], db).map { Span(row: $0.row, since: $0.since, until: nil) })
    }

    /// What was predicted before the evidence was kept apart.
    private func complete(_ recommendation: RecommendationID) throws -> [PastPrediction] {
        let statement = try Statement(
            db,
            """
            SELECT since, until, \(CompletePrediction.columns.joined(separator: ", ")) FROM complete_predictions_history
            WHERE recommendation_id = ? ORDER BY since, until
            """)
        statement.bind(recommendation.rawValue, at: 1)
        var past: [PastPrediction] = []
        while try statement.step() {
            let row = try CompletePrediction.known(in: statement, from: 2, of: "complete_predictions_history")
            past.append(
                PastPrediction(
                    recommendation: recommendation, prediction: row.prediction,
                    since: try statement.day(0), until: try statement.day(1)))
        }
        return past
    }
}
