import Domain
import NIOCore
import Statistics
import Store

/// Renders the messages that clients receive, as JSON: `{"type", "diagnosis_id", "seq", "epoch", "at", "data"}`.
struct RelayMessage: Sendable {
    /// The epoch of the sequence numbers.
    let epoch: OutboxEpoch

    /// The first message of a connection: the newest position of the diagnosis, and how many missed messages follow.
    ///
    /// A client that reconnects from the position of `connect` before it has received the replayed messages misses them.
    func connect(_ diagnosis: DiagnosisID, sequence: Int64, at now: Instant, replayed: Int) -> String {
        envelope("connect", diagnosis, sequence, now, (["replayed": JSON(replayed)] as JSON).description)
    }

    /// The answer to a client's ping.
    func pong(_ diagnosis: DiagnosisID, sequence: Int64, at now: Instant) -> String {
        envelope("pong", diagnosis, sequence, now, JSON.object([]).description)
    }

    /// A change. It has at most `Delta.largestMessage` bytes.
    func delta(_ delta: Delta, herbs: HerbNames) -> String {
        let data =
            switch delta.change {
            case .effectiveness(let recommendation, let old, let new):
                Self.effectiveness(recommendation, old: old, new: new, herbs.displayed).description
            case .ownEffectiveness(let recommendation, let old, let new):
                Self.effectiveness(recommendation, old: old, new: new, herbs.entered).description
            case .ranking(let places):
                Self.ranking(places, limit: Delta.largestData) { Self.json($0, herbs.displayed) }.description
            case .patientRanking(let places):
                Self.ranking(places, limit: Delta.largestData) { Self.json($0, herbs.entered) }.description
            case .feedback(let update): update.json.description
            case .broadcast(_, let json): json
            }
        return envelope(delta.change.kind.rawValue, delta.diagnosis, delta.sequence, delta.at, data)
    }

    /// The state of a diagnosis as a whole, for a client that missed more than is kept.
    func resync(
        _ diagnosis: DiagnosisID, sequence: Int64, at now: Instant, state: DiagnosisState,
        herbs: HerbNames
    ) -> String {
        let known = state.effectiveness.sorted { $0.key < $1.key }
        let names: [RecommendationID: String]
        let ranked: JSON
        switch state.ranking {
        case .exact(let places):
            names = herbs.displayed
            ranked = Self.ranking(places, limit: .max) { Self.json($0, names) }
        case .coarse(let places):
            names = herbs.entered
            ranked = Self.ranking(places, limit: .max) { Self.json($0, names) }
        }
        let data = JSON.object([]).adding([
            "effectiveness": JSON(
                known.map { recommendation, counts in
                    Self.subject(recommendation, names).adding([
                        "windows": .object(
                            Window.allCases.map { JSON.Member(name: $0.rawValue, value: Self.json(counts[$0])) })
                    ])
                }),
            "trends": JSON(
                known.map { recommendation, counts in
                    Self.subject(recommendation, names).adding(["trend": Self.trend(counts)])
                }),
        ]).adding(members: ranked)
        return envelope("resync", diagnosis, sequence, now, data.description)
    }

    // MARK: Parts

    /// Characters of a name; files may have longer ones, of which messages show the beginning.
    private static let longestName = 200

    /// - Parameter data: a JSON object.
    private func envelope(
        _ type: String, _ diagnosis: DiagnosisID, _ sequence: Int64, _ at: Instant, _ data: String
    ) -> String {
        let head: JSON = [
            "type": .text(type), "diagnosis_id": JSON(diagnosis), "seq": .integer(sequence),
            "epoch": .text(epoch.description), "at": JSON(at),
        ]
        // The data of a broadcast keeps the digits and the order in which it was sent.
        return head.description(adding: "data", verbatim: data)
    }

    private static func effectiveness(
        _ recommendation: RecommendationID, old: WindowCounts?, new: WindowCounts?,
        _ herbs: [RecommendationID: String]
    ) -> JSON {
        let windows = Window.allCases.map { window in
            JSON.Member(name: window.rawValue, value: ["old": json(old?[window]), "new": json(new?[window])])
        }
        return subject(recommendation, herbs).adding([
            "windows": .object(windows), "trend": ["old": trend(old), "new": trend(new)],
        ])
    }

    private static func subject(_ recommendation: RecommendationID, _ herbs: [RecommendationID: String]) -> JSON {
        [
            "recommendation_id": JSON(recommendation),
            "herb": .text((herbs[recommendation] ?? "").shortened(to: longestName)),
        ]
    }

    /// The best places whose JSON has at most so many bytes together, and how many places there are.
    private static func ranking<Place>(_ places: [Place], limit: Int, _ json: (Place) -> JSON) -> JSON {
        var shown: [JSON] = []
        var bytes = 100  // the members around them
        for place in places {
            let json = json(place)
            if limit < .max {
                bytes += json.description.utf8.count + 1
                if bytes > limit { break }
            }
            shown.append(json)
        }
        return ["ranking": .array(shown), "ranking_total": JSON(places.count)]
    }

    private static func json(_ place: RankedRecommendation, _ herbs: [RecommendationID: String]) -> JSON {
        let prediction = place.prediction
        return subject(place.recommendation, herbs).adding([
            "rank": JSON(prediction.rank), "score": JSON(prediction.score), "confidence": JSON(prediction.confidence),
            "reasoning": [
                "historical": [
                    "value": JSON(prediction.historical), "basis": .text(prediction.basis.rawValue),
                    "samples": JSON(prediction.historicalSamples), "successes": JSON(prediction.historicalSuccesses),
                ],
                "similar": [
                    "value": JSON(prediction.similar), "patients": JSON(prediction.similarPatients),
                    "successes": JSON(prediction.similarSuccesses),
                ],
                "symptom": ["value": JSON(Ensemble.symptom)],
            ],
        ])
    }

    /// A place as patients see it.
    private static func json(_ place: PatientPlace, _ herbs: [RecommendationID: String]) -> JSON {
        subject(place.recommendation, herbs).adding(place.prediction.members)
    }

    /// Cases, successes and their share; `null` without a case.
    private static func json(_ count: WindowCounts.Count?) -> JSON {
        guard let count, count.samples > 0 else { return .null }
        return [
            "samples": JSON(count.samples), "successes": JSON(count.successes),
            "effectiveness": JSON(count.effectiveness),
        ]
    }

    /// The direction that follows from counts; `null` without a case in the last 90 days.
    private static func trend(_ counts: WindowCounts?) -> JSON {
        JSON(counts?.trend?.direction.rawValue)
    }
}
