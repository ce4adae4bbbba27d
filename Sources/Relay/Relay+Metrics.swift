import Domain

extension Relay {
    /// What it does and did, in the text format of Prometheus.
    public func metrics() async -> String {
        // Without a database that can be read there is no lag to tell; that it cannot be read is told elsewhere.
        let lag = try? await lag()
        var text = ""
        func metric(_ name: String, _ type: String, _ help: String, _ samples: [(labels: String, value: String)]) {
            text += "# HELP avicenna_relay_\(name) \(help)\n# TYPE avicenna_relay_\(name) \(type)\n"
            for (labels, value) in samples { text += "avicenna_relay_\(name)\(labels) \(value)\n" }
        }
        func labelled(_ name: String, _ counts: [String: Int]) -> [(labels: String, value: String)] {
            counts.sorted { $0.key < $1.key }.map { ("{\(name)=\"\($0.key)\"}", "\($0.value)") }
        }
        metric("connections", "gauge", "Clients that are connected.", [("", "\(admissions.snapshot.total)")])
        metric(
            "messages_total", "counter", "Changes that were told to followers, by type.",
            labelled("type", counters.sent.withLock { $0 }))
        metric(
            "refused_total", "counter", "Connections that were refused or ended, by reason.",
            labelled("reason", counters.refused.withLock { $0 }))
        metric(
            "slow_total", "counter", "Clients that were cut off because they did not read.",
            [("", "\(counters.slow.load(ordering: .relaxed))")])
        let replays = counters.replays.withLock { $0 }
        metric("replays_total", "counter", "Clients that came back.", [("", "\(replays.count)")])
        metric("replayed_messages_total", "counter", "Messages that they had missed.", [("", "\(replays.messages)")])
        metric(
            "resyncs_total", "counter", "Clients that had missed more than is kept.", [("", "\(replays.resyncs)")])
        let latency = counters.latency.snapshot
        metric(
            "delivery_seconds", "histogram", "From when a change was written to when it was handed to its followers.",
            zip(LatencyHistogram.bounds, latency.cumulative).map { ("_bucket{le=\"\($0)\"}", "\($1)") }
                + [
                    ("_bucket{le=\"+Inf\"}", "\(latency.count)"), ("_sum", "\(latency.sum)"),
                    ("_count", "\(latency.count)"),
                ])
        metric(
            "outbox_lag", "gauge", "Changes that were committed and not told yet.", lag.map { [("", "\($0)")] } ?? [])
        return text
    }
}
