import AvicennaClient
import Foundation

extension LiveMessage {
    /// The message in a line for people: when, which, and what it says.
    var line: String {
        let time = at.formatted(.iso8601.dateTimeSeparator(.space))
        // Only positions that '--since' can take: that of a connection before a replay would skip what is replayed.
        return "\(time)  \(resumePosition.map { "\($0.sequence)" } ?? "–")  \(text)"
    }

    private var text: String {
        switch content {
        case .connected(let replayed):
            switch replayed {
            case 0: "following"
            default: "following; \(replayed.counted("message")) \(replayed == 1 ? "was" : "were") missed"
            }
        case .effectivenessUpdate(let update):
            "\(update.herb) (recommendation \(update.recommendationID)): \(Self.text(update))"
        case .recommendationUpdate(let ranking): "ranking: \(Self.text(ranking))"
        case .feedbackUpdate(let update):
            "feedback on recommendation \(update.recommendationID): \(Self.text(update))"
        case .resync(let state):
            "\(Self.recommendations(state.recommendations.count)) with feedback; ranking: \(Self.text(state.ranking))"
        case .other(let type, let data): "\(type): \(data)"
        }
    }

    private static func recommendations(_ count: Int) -> String {
        count == 1 ? "1 recommendation" : "\(count) recommendations"
    }

    private static func text(_ update: EffectivenessUpdate) -> String {
        let windows = [
            ("30 days", update.windows.days30), ("90 days", update.windows.days90), ("all", update.windows.all),
        ]
        var parts = windows.filter { $1.old != $1.new }.map { "\($0) \(text($1.old)) → \(text($1.new))" }
        if update.trend.old != update.trend.new {
            parts.append("trend \(update.trend.old?.rawValue ?? "–") → \(update.trend.new?.rawValue ?? "–")")
        }
        return parts.joined(separator: ", ")
    }

    private static func text(_ update: FeedbackUpdate) -> String {
        var parts = ["\(update.samples) in all"]
        let means = [("rating", update.meanRating), ("improvement", update.meanImprovement)]
        for (name, mean) in means {
            if let mean { parts.append("mean \(name) \(mean.formatted(.number.precision(.fractionLength(1))))") }
        }
        parts += update.sideEffects.map { "\($0.name) \($0.count)×" }
        return parts.joined(separator: ", ")
    }

    private static func text(_ effectiveness: Effectiveness?) -> String {
        guard let effectiveness else { return "–" }
        let percent = (effectiveness.effectiveness * 100).formatted(.number.precision(.fractionLength(0)))
        return "\(effectiveness.successes)/\(effectiveness.samples) (\(percent) %)"
    }

    private static func text(_ ranking: [RankedRecommendation]) -> String {
        guard !ranking.isEmpty else { return "none" }
        return ranking.map { "\($0.rank). \($0.herb) \(expectation(of: $0))" }.joined(separator: ", ")
    }

    /// The exact score for staff, what patients see for patients.
    private static func expectation(of place: RankedRecommendation) -> String {
        guard let experience = place.experience else {
            return place.score?.formatted(.number.precision(.fractionLength(3))) ?? "–"
        }
        let score = place.score.map { "about \(($0 * 100).formatted(.number.precision(.fractionLength(0)))) %, " } ?? ""
        return "\(score)\(experience.rawValue) experience"
    }
}
