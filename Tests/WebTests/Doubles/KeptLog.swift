import Logging

/// A log handler that keeps what it receives: events of all levels, and no metadata of its own.
protocol KeptLog: LogHandler {}

extension KeptLog {
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
}
