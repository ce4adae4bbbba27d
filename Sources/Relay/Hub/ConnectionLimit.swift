import Domain

extension Connection {
    /// What a client may send, and how much may wait for one that does not read.
    enum Limit {
        /// Bytes of an inbound message.
        static let message = NetworkLimits.clientMessage
        /// Inbound messages and pings in a second.
        static let inboundRate = NetworkLimits.clientMessagesPerSecond
        /// Messages that may wait.
        static let waitingMessages = 256
        /// Bytes that may wait.
        static let waitingBytes = 1 << 20
        /// Bytes of missed messages that are read at a time.
        static let pageBytes = 64 << 10
        /// Seconds that a client may take to read a page of missed messages.
        static let pageTimeout: Int64 = 30
        /// Seconds between pings of ours.
        static let pingInterval: Int64 = 30
        /// Pings that may stay unanswered.
        static let unansweredPings = 2
    }
}
