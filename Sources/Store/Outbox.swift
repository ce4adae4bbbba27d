public import Domain

/// Some of the deltas that were committed, in order.
public struct OutboxPage: Sendable {
    /// The deltas that are of interest.
    public var deltas: [Delta]
    /// The herbs of the recommendations that they name.
    public var herbs: HerbNames
    /// The sequence number up to which this tells all.
    public var last: Int64
    /// Whether there may be more after it.
    public var isFull: Bool
}

/// Part of what somebody missed of a diagnosis, of bounded size.
public struct MissedPart: Sendable {
    /// The next deltas in order; `nil` where the state says it all.
    public var deltas: [Delta]?
    /// The whole state, where deltas do not say it all.
    public var state: DiagnosisState?
    /// The herbs of the recommendations that are named.
    public var herbs: HerbNames
    /// How many deltas of the diagnosis there are after the requested sequence number up to `last`, those of this part
    /// included; 0 where the state says it all.
    public var count: Int
    /// The sequence number up to which all parts together, or the state, tell all.
    public var last: Int64
    /// Whether deltas up to `last` follow those of this part.
    public var hasMore: Bool
}

/// The whole state of a diagnosis, for one audience.
public struct DiagnosisState: Equatable, Sendable {
    /// Its ranking, best first; empty where it is not active.
    public enum Ranking: Equatable, Sendable {
        /// As runs published it.
        case exact([RankedRecommendation])
        /// As its patient sees it.
        case coarse([PatientPlace])
    }

    /// Cases and successes of each of its recommendations that has a case: for staff those that were published, for the
    /// patient those that there are now.
    public var effectiveness: [RecommendationID: WindowCounts]
    /// Its ranking.
    public var ranking: Ranking

    /// A state with counts and a ranking.
    public init(effectiveness: [RecommendationID: WindowCounts], ranking: Ranking) {
        self.effectiveness = effectiveness
        self.ranking = ranking
    }
}

/// A message of another program for the followers of a diagnosis.
public struct Broadcast: Equatable, Sendable {
    /// The diagnosis.
    public var diagnosis: DiagnosisID
    /// What it is about.
    public var kind: Delta.Kind
    /// The data of the message, a JSON object.
    public var json: String
    /// The sender, for the audit log.
    public var requester: Requester
    /// The id of the request that brought it, for the audit log.
    public var request: String

    /// A message of a sender.
    public init(diagnosis: DiagnosisID, kind: Delta.Kind, json: String, requester: Requester, request: String) {
        self.diagnosis = diagnosis
        self.kind = kind
        self.json = json
        self.requester = requester
        self.request = request
    }
}

/// Commits what other programs have us tell.
public protocol BroadcastWriter: Sendable {
    /// Commits deltas in their order and without another in between, all of them or none; they are durable then. Each has an
    /// entry in the audit log, in the same transaction. Raising the signal is left to the caller. Blocks until the data is on
    /// the disk, and while other processes write.
    ///
    /// - Returns: the sequence number of each; `nil` for one whose diagnosis is not there.
    /// - Throws: `StoreError`.
    func commit(_ broadcasts: [Broadcast], at now: Instant) throws -> [Int64?]
}

/// Tokens that count no longer.
public enum RevokedTokens: Equatable, Sendable {
    /// The one of an id.
    case token(id: String)
    /// All of a subject that were issued up to an instant.
    case subject(String, issuedUntil: Instant)
    /// All that were issued up to an instant, whatever their subject.
    case everyone(issuedUntil: Instant)
}
