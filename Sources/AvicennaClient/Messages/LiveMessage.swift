public import Foundation

/// What the relay tells the followers of a diagnosis.
public struct LiveMessage: Hashable, Sendable {
    /// What a message says.
    public enum Content: Hashable, Sendable {
        /// The first message of each connection: how many that were missed follow.
        case connected(replayed: Int)
        /// How well a recommendation works has changed.
        case effectivenessUpdate(EffectivenessUpdate)
        /// The ranked recommendations, best first; empty once the diagnosis is no longer active.
        case recommendationUpdate([RankedRecommendation])
        /// Feedback on a recommendation was given, edited or withdrawn.
        case feedbackUpdate(FeedbackUpdate)
        /// More was missed than the relay keeps: the whole state instead, which what follows goes on from.
        case resync(DiagnosisState)
        /// Anything else, such as what another program of the clinic broadcasts: the type, and what it says.
        case other(type: String, data: JSONValue)
    }

    /// The diagnosis.
    public let diagnosisID: Int64
    /// The position of the message, which grows with each one. Do not store it to resume from: in a `connected` message
    /// after which missed messages are replayed, and in a pong, it is the newest position on the server, and resuming from
    /// there would skip what has not arrived yet. Store `resumePosition`.
    public let sequence: Int64
    /// The epoch of `sequence`; `nil` from servers of older versions.
    public let epoch: String?
    /// When it was written, to the microsecond.
    public let at: Date
    /// What it says.
    public let content: Content
    /// The message as it came, a JSON object.
    public let json: String

    /// The position to resume from once this message has been processed, for `LiveDiagnosis.Options.since`: everything up to
    /// it has arrived. `nil` where resuming from this message would lose others, which are still to be replayed; keep the
    /// position that was stored before.
    public var resumePosition: LivePosition? {
        switch content {
        case .connected(let replayed): replayed == 0 ? position : nil
        case .other(type: "pong", _): nil
        case .effectivenessUpdate, .recommendationUpdate, .feedbackUpdate, .resync, .other: position
        }
    }

    /// The position of the message, whether or not it can be resumed from.
    var position: LivePosition { LivePosition(sequence: sequence, epoch: epoch) }

    /// Reads a message.
    ///
    /// - Throws: `DecodingError` where it is none.
    public init(json: String) throws {
        let envelope = try JSONDecoder().decode(Envelope.self, from: Data(json.utf8))
        guard let at = Self.date(envelope.at) else {
            throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "'at' is no RFC 3339 instant"))
        }
        self.json = json
        self.at = at
        diagnosisID = envelope.diagnosisID
        sequence = envelope.sequence
        epoch = envelope.epoch
        content = envelope.content
    }

    private static func date(_ text: String) -> Date? {
        (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
            ?? (try? Date(text, strategy: .iso8601))
    }
}

extension LiveMessage {
    private struct Envelope: Decodable {
        private enum Key: String, CodingKey {
            case type, epoch, at, data
            case diagnosisID = "diagnosis_id"
            case sequence = "seq"
        }

        private struct Connected: Decodable { var replayed: Int }
        private struct Ranking: Decodable { var ranking: [RankedRecommendation] }

        let diagnosisID: Int64
        let sequence: Int64
        let epoch: String?
        let at: String
        let content: Content

        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: Key.self)
            let type = try members.decode(String.self, forKey: .type)
            diagnosisID = try members.decode(Int64.self, forKey: .diagnosisID)
            sequence = try members.decode(Int64.self, forKey: .sequence)
            epoch = try members.decodeIfPresent(String.self, forKey: .epoch)
            at = try members.decode(String.self, forKey: .at)
            let other = Content.other(type: type, data: try members.decode(JSONValue.self, forKey: .data))
            switch type {
            case "connect": content = .connected(replayed: try members.decode(Connected.self, forKey: .data).replayed)
            case "resync": content = .resync(try members.decode(DiagnosisState.self, forKey: .data))
            // Programs of the clinic may broadcast under these names what only they understand.
            case "effectiveness_update":
                content =
                    (try? members.decode(EffectivenessUpdate.self, forKey: .data)).map(Content.effectivenessUpdate)
                    ?? other
            case "recommendation_update":
                content =
                    (try? members.decode(Ranking.self, forKey: .data)).map { .recommendationUpdate($0.ranking) }
                    ?? other
            case "feedback_update":
                content = (try? members.decode(FeedbackUpdate.self, forKey: .data)).map(Content.feedbackUpdate) ?? other
            default: content = other
            }
        }
    }
}
