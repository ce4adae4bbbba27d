/// How often, and after how long, a lost connection is tried again.
public struct Reconnection: Hashable, Sendable {
    /// How often in a row. A connection that was made counts from the beginning again.
    public var attempts = 5
    /// Up to how long before the first.
    public var firstWait = Duration.milliseconds(500)
    /// Up to how long at most.
    public var longestWait = Duration.seconds(30)

    /// The usual.
    public init() {}

    /// How long to wait before an attempt, from 1: up to twice as long each time, and at least half of that, at random, so
    /// that those who lost their connections together do not all come back at once.
    func wait(before attempt: Int) -> Duration {
        let full = min(longestWait, firstWait * (1 << min(max(attempt, 1) - 1, 20)))
        return full * Double.random(in: 0.5...1)
    }
}
