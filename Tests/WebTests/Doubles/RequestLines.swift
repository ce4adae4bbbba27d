import Logging
import Synchronization

/// Keeps what is logged of requests.
final class RequestLines: KeptLog, Sendable {
    private let lines = Mutex<[[String: String]]>([])

    /// What is known of each request so far.
    var all: [[String: String]] { lines.withLock { $0 } }

    /// The line of a request.
    subscript(requestID: String?) -> [String: String]? { all.last { $0["request_id"] == requestID } }

    func log(event: LogEvent) {
        let line = (event.metadata ?? [:]).mapValues { "\($0)" }
        lines.withLock { $0.append(line) }
    }
}
