import Logging
import Synchronization

/// Keeps what is logged.
final class LogMessages: KeptLog, Sendable {
    private let messages = Mutex<[String]>([])

    /// The messages so far.
    var all: [String] { messages.withLock { $0 } }

    func log(event: LogEvent) {
        messages.withLock { $0.append("\(event.message)") }
    }
}
