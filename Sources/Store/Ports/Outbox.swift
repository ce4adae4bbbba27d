public import Dispatch
public import Domain

/// The outbox: what followers of diagnoses receive, in the order in which it was committed.
public protocol Outbox: Sendable {
    /// The epoch, which stays the same while the database is open.
    func outboxEpoch() throws -> OutboxEpoch
    /// The sequence number of the newest delta that was ever committed; 0 where there was none.
    func latestSequence() throws -> Int64
    /// Deltas later than `sequence`, in order, at most `limit`; with the herbs of the recommendations that they name.
    ///
    /// - Parameter isWanted: which diagnoses are of interest; deltas of others are passed over, and count towards the limit.
    func outbox(after sequence: Int64, limit: Int, where isWanted: (DiagnosisID) -> Bool) throws -> OutboxPage
    /// The sequence number of the newest delta of a diagnosis for an audience; 0 where there is none.
    func latestSequence(of diagnosis: DiagnosisID, for audience: Delta.Audience) throws -> Int64
    /// Part of what somebody missed who has seen the deltas of a diagnosis up to `sequence`: as many deltas as are stored in
    /// about `bytes`, and at least one, or the whole state where there are more than `limit` deltas, or where some are gone.
    ///
    /// Numbers are compared with those of the diagnosis alone, so that nobody learns of other diagnoses by trying numbers.
    /// Memory is bounded by `bytes` and the size of one delta, apart from the state. To read all parts, call it again with
    /// the number of the last returned delta and the `last` of the first part, until `hasMore` is `false`. Where deltas
    /// were pruned or the database was replaced between two calls, the later one returns the state with a `last` of its own.
    ///
    /// - Parameters:
    ///   - audience: whose deltas, or whose state, is read.
    ///   - last: the number of the last delta to read; `nil` in the first call, for the newest.
    ///   - limit: the most deltas that are returned in all parts together.
    ///   - bytes: the stored size after which a part ends.
    ///   - own: how the patient's own cases are counted in the state for them, as of the day of `now`.
    func missed(
        of diagnosis: DiagnosisID, for audience: Delta.Audience, after sequence: Int64, upTo last: Int64?, limit: Int,
        bytes: Int, own: OwnFigures, at now: Instant
    ) throws -> MissedPart
    /// A writer of broadcasts, with a connection of its own. Make one for each process that accepts broadcasts.
    func broadcastWriter() throws -> any BroadcastWriter
    /// The patient of a diagnosis; `nil` where there is no such diagnosis.
    func patient(of diagnosis: DiagnosisID) throws -> PatientID?
    /// Raised whenever a process committed deltas or revocations.
    var signal: any OutboxSignal { get }
}

/// Notifies processes that follow a database that something was committed. Notifications are best-effort: followers also poll.
public protocol OutboxSignal: Sendable {
    /// Notifies the followers. Does not block.
    func raise()
    /// Calls `body` after each notification, or once for several, on a queue, as long as the result is held.
    ///
    /// - Throws: `UnwritableFile` where notifications cannot be received.
    func watch(on queue: DispatchQueue, _ body: @escaping @Sendable () -> Void) throws -> any OutboxWatch
}

/// A watch of an outbox signal, which lasts as long as it is held.
public protocol OutboxWatch: AnyObject, Sendable {
    /// Whether another process watches as well, so that raising the signal reaches somebody.
    var hasOtherWatchers: Bool { get }
}

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

    /// A page of the outbox.
    public init(deltas: [Delta], herbs: HerbNames, last: Int64, isFull: Bool) {
        self.deltas = deltas
        self.herbs = herbs
        self.last = last
        self.isFull = isFull
    }
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

    /// A part of the missed deltas, or a state.
    public init(deltas: [Delta]?, state: DiagnosisState?, herbs: HerbNames, count: Int, last: Int64, hasMore: Bool) {
        self.deltas = deltas
        self.state = state
        self.herbs = herbs
        self.count = count
        self.last = last
        self.hasMore = hasMore
    }
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
    /// The data of the message, as it was sent.
    public var data: String
    /// The sender, for the audit log.
    public var requester: Requester
    /// The id of the request that brought it, for the audit log.
    public var request: String

    /// A message of a sender.
    public init(diagnosis: DiagnosisID, kind: Delta.Kind, data: String, requester: Requester, request: String) {
        self.diagnosis = diagnosis
        self.kind = kind
        self.data = data
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
