import Domain
import Store

/// Counts messages that were written to clients: each message once for each client.
struct MessageCounts: Sendable {
    /// What messages are called in metrics, as their `type`.
    enum Kind: Int, CaseIterable {
        case connect, effectiveness, ranking, feedback, resync, pong

        init(_ kind: Delta.Kind) {
            switch kind {
            case .effectiveness: self = .effectiveness
            case .ranking: self = .ranking
            case .feedback: self = .feedback
            }
        }

        var name: String {
            switch self {
            case .connect: "connect"
            case .effectiveness: Delta.Kind.effectiveness.rawValue
            case .ranking: Delta.Kind.ranking.rawValue
            case .feedback: Delta.Kind.feedback.rawValue
            case .resync: "resync"
            case .pong: "pong"
            }
        }
    }

    private var counts = [Int](repeating: 0, count: Kind.allCases.count)
    /// Seconds from the commit of a change to its write to a client.
    private(set) var latency = LatencyCounts()

    /// Counts a message that was written to a client.
    ///
    /// - Parameter seconds: the time since its commit; `nil` for a message that is no new change.
    mutating func add(_ kind: Kind, seconds: Double? = nil) {
        counts[kind.rawValue] += 1
        if let seconds { latency.add(seconds) }
    }

    /// Adds the counts of other connections.
    mutating func add(_ other: Self) {
        for kind in Kind.allCases { counts[kind.rawValue] += other.counts[kind.rawValue] }
        latency.add(other.latency)
    }

    /// Messages by type; without types of which there was none.
    var byType: [(type: String, count: Int)] {
        Kind.allCases.map { ($0.name, counts[$0.rawValue]) }.filter { $0.count > 0 }.sorted { $0.type < $1.type }
    }
}
