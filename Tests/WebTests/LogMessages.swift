import Logging
import Synchronization

/// Keeps what is logged.
final class LogMessages: LogHandler, Sendable {
    private let messages = Mutex<[String]>([])

    /// The messages so far.
    var all: [String] { messages.withLock { $0 } }

    var metadata: Logger.Metadata {
        get { [:] }
        set { _ = newValue }
    }
    var logLevel: Logger.Level {
        get { .trace }
        set { _ = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set { _ = newValue }
    }

    func log(event: LogEvent) {
        messages.withLock { $0.append("\(event.message)") }
    }
}
