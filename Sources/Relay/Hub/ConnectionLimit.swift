extension Connection {
    /// What a client may send, and how much may wait for one that does not read.
    enum Limit {
        /// Bytes of an inbound message.
        static let message = 4096
        /// Inbound messages and pings in a second.
        static let inboundRate = 50
        /// Messages that may wait.
        static let waitingMessages = 256
        /// Bytes that may wait.
        static let waitingBytes = 1 << 20
        /// Seconds between pings of ours.
        static let pingInterval: Int64 = 30
        /// Pings that may stay unanswered.
        static let unansweredPings = 2
    }
}
