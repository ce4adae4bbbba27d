/// How a connection stands.
public enum ConnectionState: Hashable, Sendable {
    /// Nobody has asked for messages yet.
    case idle
    /// It is being made: for the first time (0), or again, counted from 1 since it was last there.
    case connecting(attempt: Int)
    /// It is there; what was missed comes first.
    case connected
    /// It was lost, or could not be made; it is tried again after a while.
    case waiting(Duration, reason: String)
    /// It is over, and not tried again; with the reason, unless it was we who ended it.
    case ended(LiveError?)
}

/// Why a diagnosis cannot be followed, or no longer.
public enum LiveError: Error, Hashable, Sendable {
    /// The URL of the server is none, or its certificates cannot be read.
    case badConfiguration(String)
    /// The server does not let us: a token that is not valid or was revoked, a diagnosis that is not theirs, a wrong path.
    case refused(String)
    /// The server could not be reached, also not when it was tried again so many times.
    case unreachable(attempts: Int, reason: String)
    /// The first connection showed that the server cannot be used: its certificate is not accepted, or it does not speak TLS,
    /// HTTP or WebSocket. Once a connection has been made, such problems are retried: they may come from the network, such as
    /// the login page of a Wi-Fi hotspot.
    case unusable(ServerProblem)
}

extension LiveError: CustomStringConvertible {
    /// What is wrong, in one line.
    public var description: String {
        switch self {
        case .badConfiguration(let reason): reason
        case .refused(let reason): "the server refuses: \(reason)"
        case .unusable(let problem): "\(problem)"
        case .unreachable(let attempts, let reason):
            "the server cannot be reached, tried \(attempts == 1 ? "once" : "\(attempts) times") again: \(reason)"
        }
    }
}
