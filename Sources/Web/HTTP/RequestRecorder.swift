import Domain
import HTTPTypes
import Logging

/// Counts each answer and writes it to the log: without query, token and body.
struct RequestRecorder: Sendable {
    let logger: Logger
    let counters: RequestCounters

    /// An answer, as the log knows it.
    struct Entry {
        /// The id of the request.
        var id: String
        var method: String
        /// Without its query.
        var path: String
        /// The client, as far as trusted proxies report it.
        var address: String
        var status: Int
        var seconds: Double
        /// Bytes of the body; `nil` if not known.
        var bytes: Int?
        /// The subject of the token; `nil` without one.
        var subject: String?
    }

    func record(_ entry: Entry) {
        counters.add(status: entry.status, seconds: entry.seconds)
        var metadata: Logger.Metadata = [
            "request_id": .string(entry.id), "method": .string(entry.method),
            "path": .string(String(entry.path.prefix(1000))), "status": .stringConvertible(entry.status),
            "seconds": .stringConvertible(entry.seconds), "address": .string(entry.address),
        ]
        if let bytes = entry.bytes { metadata["bytes"] = .stringConvertible(bytes) }
        if let subject = entry.subject { metadata["subject"] = .string(subject) }
        logger.info("request", metadata: metadata)
    }
}
