import Analytics
import Domain
import NIOCore
import Store

/// The JSON of the messages that clients get: `{"type", "diagnosis_id", "seq", "at", "data"}`.
enum RelayMessage {
    /// The first message of a connection: up to where it tells all, and how many messages of before follow.
    static func connect(_ diagnosis: DiagnosisID, sequence: Int64, at now: Instant, replayed: Int) -> String {
        envelope("connect", diagnosis, sequence, now, "{\"replayed\":\(replayed)}")
    }

    /// The answer to a client's ping.
    static func pong(_ diagnosis: DiagnosisID, sequence: Int64, at now: Instant) -> String {
        envelope("pong", diagnosis, sequence, now, "{}")
    }

    /// A change.
    static func delta(_ delta: Delta, herbs: [RecommendationID: String]) -> String {
        let data =
            switch delta.change {
            case .effectiveness(let recommendation, let old, let new):
                effectiveness(recommendation, old: old, new: new, herbs)
            case .ranking(let places): "{\"ranking\":\(ranking(places, herbs))}"
            case .broadcast(_, let json): json
            }
        return envelope(delta.change.kind.rawValue, delta.diagnosis, delta.sequence, delta.at, data)
    }

    /// Everything that is published of a diagnosis, for a client that missed more than is kept.
    static func resync(
        _ diagnosis: DiagnosisID, sequence: Int64, at now: Instant, state: DiagnosisState,
        herbs: [RecommendationID: String]
    ) -> String {
        let known = state.effectiveness.sorted { $0.key < $1.key }
        let effectiveness = known.map { recommendation, counts in
            let windows = Window.allCases.map { "\"\($0.rawValue)\":\(json(counts[$0]))" }.joined(separator: ",")
            return "{\(subject(recommendation, herbs)),\"windows\":{\(windows)}}"
        }
        let trends = known.map { recommendation, counts in
            "{\(subject(recommendation, herbs)),\"trend\":\(trend(counts))}"
        }
        let data = """
            {"effectiveness":[\(effectiveness.joined(separator: ","))],"trends":[\(trends.joined(separator: ","))],\
            "ranking":\(ranking(state.ranking, herbs))}
            """
        return envelope("resync", diagnosis, sequence, now, data)
    }

    // MARK: Parts

    private static func envelope(
        _ type: String, _ diagnosis: DiagnosisID, _ sequence: Int64, _ at: Instant, _ data: String
    ) -> String {
        "{\"type\":\"\(type)\",\"diagnosis_id\":\(diagnosis),\"seq\":\(sequence),\"at\":\"\(at)\",\"data\":\(data)}"
    }

    private static func effectiveness(
        _ recommendation: RecommendationID, old: WindowCounts?, new: WindowCounts?,
        _ herbs: [RecommendationID: String]
    ) -> String {
        let windows = Window.allCases.map { window in
            "\"\(window.rawValue)\":{\"old\":\(json(old?[window])),\"new\":\(json(new?[window]))}"
        }.joined(separator: ",")
        return "{\(subject(recommendation, herbs)),\"windows\":{\(windows)},"
            + "\"trend\":{\"old\":\(trend(old)),\"new\":\(trend(new))}}"
    }

    private static func subject(_ recommendation: RecommendationID, _ herbs: [RecommendationID: String]) -> String {
        "\"recommendation_id\":\(recommendation),\"herb\":\((herbs[recommendation] ?? "").json)"
    }

    private static func ranking(_ places: [RankedRecommendation], _ herbs: [RecommendationID: String]) -> String {
        let places = places.map { place in
            let prediction = place.prediction
            return """
                {\(subject(place.recommendation, herbs)),"rank":\(prediction.rank),"score":\(prediction.score),\
                "confidence":\(prediction.confidence),"reasoning":{\
                "historical":{"value":\(prediction.historical),"basis":"\(prediction.basis.rawValue)",\
                "samples":\(prediction.historicalSamples),"successes":\(prediction.historicalSuccesses)},\
                "similar":{"value":\(prediction.similar),"patients":\(prediction.similarPatients),\
                "successes":\(prediction.similarSuccesses)},"symptom":{"value":\(Ensemble.symptom)}}}
                """
        }
        return "[\(places.joined(separator: ","))]"
    }

    /// Cases, successes and their share; `null` where there is no case.
    private static func json(_ count: WindowCounts.Count?) -> String {
        guard let count, count.samples > 0 else { return "null" }
        let effectiveness = Double(count.successes) / Double(count.samples)
        return "{\"samples\":\(count.samples),\"successes\":\(count.successes),\"effectiveness\":\(effectiveness)}"
    }

    /// The direction that follows from counts; `null` without a case in the last 90 days.
    private static func trend(_ counts: WindowCounts?) -> String {
        guard let counts, counts.days90.samples > 0 else { return "null" }
        return "\"\(Trend(counts).direction.rawValue)\""
    }
}
