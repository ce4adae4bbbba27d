import NIOCore

/// How far a request of HTTP/1 and its answer have come.
struct Exchange {
    enum Progress {
        /// The request is not received as a whole, and not answered.
        case receiving
        /// The request is received, and not answered.
        case received
        /// The request was answered before it was received as a whole.
        case answeredEarly
        case done
    }

    enum Persistence {
        case keptOpen
        /// An HTTP/1.0 client asked for it, and is to be told that it is so.
        case keptOpenByOption
        /// The connection ends with this exchange.
        case last
    }

    let start = NIODeadline.now()
    var progress = Progress.receiving
    var persistence: Persistence
    /// Whether the body is so small that the rest of it is awaited even after an early answer.
    let isSmall: Bool
    /// Whether it is answered here, so that nothing of it is passed on.
    let isRefused: Bool

    mutating func noteReceived() {
        progress = progress == .answeredEarly ? .done : .received
    }

    mutating func noteAnswered() {
        progress = progress == .received ? .done : .answeredEarly
    }
}
