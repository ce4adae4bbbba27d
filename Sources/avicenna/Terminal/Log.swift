import Configuration
import Domain
import Foundation
import Logging
import Reports
import Synchronization

/// What is said on stderr: as text what needs attention, as JSON everything, one object a line.
enum Log {
    static let logger = Logger(label: "avicenna")
    /// For libraries that serve, whose notes on their own doings are for developers.
    static var server: Logger {
        var server = logger
        server.logLevel = .error
        return server
    }

    fileprivate static let format = Mutex(Settings.LogFormat.text)

    /// To be called once, before anything is logged.
    static func begin() {
        LoggingSystem.bootstrap { _ in StderrLogHandler() }
    }

    /// From here on in this form.
    static func use(_ format: Settings.LogFormat) {
        self.format.withLock { $0 = format }
    }

    /// Says why nothing seems to happen.
    static func noteWaiting() {
        logger.notice("waiting for another process that runs on this database")
    }
}

/// Writes to stderr. An error has the program's name before it, as those of other programs that cron runs.
private struct StderrLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        switch Log.format.withLock({ $0 }) {
        case .text:
            guard event.level >= .notice else { return }
            let text = "\(event.message)".onOneLine
            Terminal.note(event.level >= .error ? "avicenna: \(text)" : text)
        case .json:
            let further = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
            let line = JSON.object([]).adding([
                "at": JSON(Terminal.now()), "level": .text(event.level.rawValue), "message": .text("\(event.message)"),
            ]).adding(
                members: .object(further.map { JSON.Member(name: $0.key, value: Self.json($0.value)) }))
            Terminal.note(line.description.visibleJSON)
        }
    }

    /// Numbers stay numbers.
    private static func json(_ value: Logger.Metadata.Value) -> JSON {
        switch value {
        case .stringConvertible(let number as Int): JSON(number)
        case .stringConvertible(let number as Int64): JSON(number)
        case .stringConvertible(let number as Double): JSON(number)
        default: .text("\(value)")
        }
    }
}
