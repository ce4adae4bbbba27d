import Foundation
import TestSupport
import Testing

/// The counters of the relay count what they say.
@Suite(.endToEnd, .timeLimit(.minutes(30))) struct RelayMetricsTests {
    private let clinic: ServedClinic
    private let relay: ServerProcess
    private let service: String

    init() async throws {
        clinic = try await ServedClinic(settings: "rate_limit: 0\n")
        relay = try await ServerProcess(in: clinic.folder)
        service = try await clinic.token("--service")
    }

    private func broadcast(_ diagnosis: Int, bytes: Int = 0) async throws {
        let run = try await clinic.shell(
            """
            printf '{"diagnosis_id":\(diagnosis),"data":{"pad":"%s"}}' "$(head -c \(bytes) /dev/zero | tr '\\0' x)" | curl -s \
                -o /dev/null -w '%{http_code}' -H 'Authorization: Bearer \(service)' -H 'Content-Type: application/json' \
                --data-binary @- http://127.0.0.1:\(relay.port)/ws/broadcast-feedback-update
            """)
        #expect(run.output == "202", "\(run.errors)")
    }

    /// The value of a metric of the relay; `nil` if there is none.
    private func metric(_ name: String) async throws -> Double? {
        let run = try await clinic.shell(
            "curl -s -H 'Authorization: Bearer \(service)' http://127.0.0.1:\(relay.port)/metrics")
        let prefix = "avicenna_relay_\(name) "
        return run.output.split(separator: "\n").first { $0.hasPrefix(prefix) }.flatMap {
            Double($0.dropFirst(prefix.count))
        }
    }

    @Test("measures the delay of a message when it is written, however long it waits for its client")
    func delay() async throws {
        let slow = try clinic.follow(relay, 1, service, receiveBuffer: 4096)
        #expect(try slow.read().opcode == 1)
        // More than the socket takes, and less than may wait.
        for _ in 0..<14 { try await broadcast(1, bytes: 60_000) }
        let wait = 2.0
        try await Task.sleep(for: .seconds(wait))
        let written = try #require(try await metric("delivery_seconds_count"))
        #expect(written < 14)
        for _ in 0..<14 { #expect(try slow.read().opcode == 1) }
        #expect(try await metric("delivery_seconds_count") == 14)
        let seconds = try #require(try await metric("delivery_seconds_sum"))
        #expect(seconds >= (14 - written) * wait, "\(seconds)")
    }
}
