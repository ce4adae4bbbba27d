import Configuration
public import Domain
import Synchronization

/// A client that wants to follow a diagnosis.
public struct FollowRequest: Sendable, Equatable {
    /// The diagnosis.
    public var diagnosis: DiagnosisID
    /// The token; empty where there was none.
    public var token: String
    /// The newest message that the client has seen; `nil` where it has seen none.
    public var since: Int64?
    /// The epoch of `since`; `nil` where the client knows none, which counts as the present one.
    public var epoch: OutboxEpoch?
    /// The address of the client.
    public var address: IPAddress

    /// A client's wish.
    public init(
        diagnosis: DiagnosisID, token: String, since: Int64?, epoch: OutboxEpoch? = nil, address: IPAddress
    ) {
        self.epoch = epoch
        self.diagnosis = diagnosis
        self.token = token
        self.since = since
        self.address = address
    }
}

/// Counts who is there, and refuses who is one too many.
final class Admissions: Sendable {
    private struct Counts {
        var total = 0
        /// By IPv4 address, or /64 of IPv6.
        var byClient: [IPNetwork: Int] = [:]
        var byDiagnosis: [DiagnosisID: Int] = [:]
    }

    private let counts = Mutex(Counts())
    private let limits: Settings.ConnectionLimits
    private let counters: RelayCounters

    init(_ limits: Settings.ConnectionLimits, counters: RelayCounters) {
        self.limits = limits
        self.counters = counters
    }

    /// - Returns: why there is no room; `nil` where it is let in.
    func acquire(_ request: FollowRequest) -> String? {
        let client = request.address.clientNetwork
        let refusal: (reason: String, text: String)? = counts.withLock { counts in
            if counts.total >= limits.total { return ("full", "the server is full; try again later") }
            if counts.byClient[client, default: 0] >= limits.perAddress {
                return ("address", "too many connections from this address")
            }
            if counts.byDiagnosis[request.diagnosis, default: 0] >= limits.perDiagnosis {
                return ("diagnosis", "too many connections to this diagnosis")
            }
            counts.total += 1
            counts.byClient[client, default: 0] += 1
            counts.byDiagnosis[request.diagnosis, default: 0] += 1
            return nil
        }
        if let refusal { counters.refuse(refusal.reason) }
        return refusal?.text
    }

    func release(_ request: FollowRequest) {
        counts.withLock { counts in
            counts.total -= 1
            counts.byClient.decrease(request.address.clientNetwork)
            counts.byDiagnosis.decrease(request.diagnosis)
        }
    }

    /// Whether somebody follows a diagnosis, or is about to.
    func contains(_ diagnosis: DiagnosisID) -> Bool {
        counts.withLock { $0.byDiagnosis[diagnosis] != nil }
    }

    /// Connections in all and by diagnosis.
    var snapshot: (total: Int, byDiagnosis: [DiagnosisID: Int]) {
        counts.withLock { ($0.total, $0.byDiagnosis) }
    }
}

extension Dictionary where Value == Int {
    fileprivate mutating func decrease(_ key: Key) {
        self[key] = self[key].flatMap { $0 > 1 ? $0 - 1 : nil }
    }
}
