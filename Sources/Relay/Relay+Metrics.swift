import Domain

extension Relay {
    /// What it does and did, in the text format of Prometheus.
    public func metrics() async -> String {
        // Without a database that can be read there is no lag to tell; that it cannot be read is told elsewhere.
        let lag = try? await lag()
        let messages = await messageCounts
        var text = PrometheusText()
        func add(_ name: String, _ kind: PrometheusText.Kind, _ help: String, _ samples: [PrometheusText.Sample]) {
            text.add("relay_\(name)", kind, help, samples)
        }
        func sorted(_ counts: [String: Int]) -> [(key: String, value: Int)] { counts.sorted { $0.key < $1.key } }
        add("connections", .gauge, "Clients that are connected.", [.init(admissions.snapshot.total)])
        add(
            "messages_total", .counter, "Messages that were written to clients, by type.",
            messages.byType.map { .init($0.count, ["type": $0.type]) })
        add(
            "refused_total", .counter, "Connections that were refused or ended, by reason.",
            sorted(counters.refused.withLock { $0 }).map { .init($0.value, ["reason": $0.key]) })
        add(
            "slow_total", .counter, "Clients that were cut off because they did not read.",
            [.init(counters.slow.load(ordering: .relaxed))])
        let replays = counters.replays.withLock { $0 }
        add("replays_total", .counter, "Clients that came back.", [.init(replays.count)])
        add("replayed_messages_total", .counter, "Messages that they had missed.", [.init(replays.messages)])
        add("resyncs_total", .counter, "Clients that had missed more than is kept.", [.init(replays.resyncs)])
        add(
            "delivery_seconds", .histogram, "Seconds from the commit of a change to its write to a client.",
            messages.latency.samples)
        add(
            "outbox_lag", .gauge, "Changes that were committed and not told yet.", lag.map { [.init(Double($0))] } ?? []
        )
        return text.description
    }
}
