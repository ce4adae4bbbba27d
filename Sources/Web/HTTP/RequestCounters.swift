import Domain
import Synchronization

/// Counts of the requests to the API since it started.
final class RequestCounters: Sendable {
    private let answered = Mutex<[Int: Int]>([:])
    private let seconds = LatencyHistogram()
    private let untrustedForwarding: UntrustedForwarding

    init(untrustedForwarding: UntrustedForwarding) {
        self.untrustedForwarding = untrustedForwarding
    }

    func add(status: Int, seconds: Double) {
        answered.withLock { $0[status, default: 0] += 1 }
        self.seconds.add(seconds)
    }

    /// The counts in the text format of Prometheus.
    var metrics: String {
        var text = PrometheusText()
        text.add(
            "api_requests_total", .counter, "Requests to the API, by status of their answer.",
            answered.withLock { $0 }.sorted { $0.key < $1.key }.map { .init($0.value, ["status": "\($0.key)"]) })
        text.add("api_request_seconds", .histogram, "How long answers took.", seconds.samples)
        text.add(
            "api_untrusted_forwarded_total", .counter,
            "Requests with X-Forwarded-For from a loopback or private address that is not in 'trusted_proxies'.",
            [.init(untrustedForwarding.count)])
        return text.description
    }
}
