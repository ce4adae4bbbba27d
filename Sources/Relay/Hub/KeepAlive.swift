import Domain

/// Pings a client now and then, and limits how much it sends. Checked once a second.
struct KeepAlive {
    /// What a check finds.
    enum Finding {
        case alive
        /// A ping is to be sent now.
        case pingDue
        /// Too many pings were not answered.
        case silent
    }

    /// When the next ping is due, in seconds since 1970.
    private var nextPing: Int64
    private var unansweredPings = 0
    /// Messages and pings of the client since the last check.
    private var inboundCount = 0

    init(at now: Instant) {
        nextPing = now.seconds + Connection.Limit.pingInterval
    }

    /// Counts a frame of the client.
    ///
    /// - Returns: whether it is within the rate.
    mutating func admitsFrame() -> Bool {
        inboundCount += 1
        return inboundCount <= Connection.Limit.inboundRate
    }

    /// Notes the answer to a ping.
    mutating func notePong() {
        unansweredPings = 0
    }

    /// Begins a new second.
    mutating func beginSecond() {
        inboundCount = 0
    }

    /// Whether a ping is due, and whether earlier ones were answered.
    mutating func check(at now: Instant) -> Finding {
        guard now.seconds >= nextPing else { return .alive }
        nextPing = now.seconds + Connection.Limit.pingInterval
        guard unansweredPings < Connection.Limit.unansweredPings else { return .silent }
        unansweredPings += 1
        return .pingDue
    }
}
