import Domain
import NIOCore

/// Bytes of answers that a client has not taken, as they are counted now and then.
struct UnsentBytes {
    /// Without a byte of the answer being taken.
    private static let stallLimit = TimeAmount.seconds(NetworkLimits.stallSeconds)
    /// Until an answer is taken as a whole.
    private static let answerLimit = TimeAmount.seconds(NetworkLimits.answerSeconds)

    /// Bytes at the last count.
    private(set) var count = 0
    /// Since when there were any.
    private var start = NIODeadline.now()
    /// Since when there were as many.
    private var lastChange = NIODeadline.now()

    /// Notes that an answer begins.
    mutating func beginAnswer() {
        start = .now()
    }

    /// Counts the bytes again.
    ///
    /// - Returns: whether the client takes none, or takes too long.
    mutating func isStalled(with bytes: Int, at now: NIODeadline) -> Bool {
        defer { count = bytes }
        if bytes == 0 || count == 0 {
            start = now
            lastChange = now
        } else if bytes != count {
            lastChange = now
        }
        return bytes > 0 && (now - lastChange >= Self.stallLimit || now - start >= Self.answerLimit)
    }
}
