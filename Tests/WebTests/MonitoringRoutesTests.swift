import Domain
import TestSupport
import Testing

@testable import Web

/// Metrics and the status of the relay are for admins and services, and for those who reach an address of its own for them.
@Suite(.timeLimit(.minutes(5))) struct MonitoringRoutesTests {
    private static let paths = ["/metrics", "/ws/status"]

    private func expectProblem(_ answer: TestAnswer, _ status: Int, _ place: String) {
        #expect(answer.status == status, "\(place): \(answer.body)")
        #expect(answer["Content-Type"] == "application/problem+json", "\(place)")
        #expect(answer["X-Request-ID"] == answer.json["request_id"]?.string, "\(place)")
        #expect(answer["X-Content-Type-Options"] == "nosniff", "\(place)")
    }

    @Test("an admin or service reads them, and nobody else", arguments: TestAPI.Mode.allCases)
    func readers(mode: TestAPI.Mode) async throws {
        let api = try await TestAPI(mode: mode, isPublished: false)
        let admin = try await api.token(.admin)
        let refused = [
            (nil, 401), ("x.y.z", 401), (try await api.token(.patient, patient: 1), 403),
            (try await api.token(.clinician), 403),
        ]
        for path in Self.paths {
            for (token, status) in refused {
                let answer = try await api.ask(.get, path, token)
                expectProblem(answer, status, "\(path) \(token ?? "")")
                #expect(answer["WWW-Authenticate"] == (status == 401 ? "Bearer" : nil))
                let head = try await api.ask(.head, path, token)
                #expect(head.status == status && head.body.isEmpty)
                // A token in the query is for followers alone.
                #expect(try await api.ask(.get, path + "?token=\(admin)", token).status == status)
            }
            for role in [Role.admin, .service] {
                let token = try await api.token(role, subject: "the-\(role)")
                let answer = try await api.ask(.get, path, token)
                #expect(answer.status == 200)
                let line = try #require(api.requests[answer["X-Request-ID"]])
                #expect(line["subject"] == "the-\(role)" && line["path"] == path && line["status"] == "200")
                #expect(try await api.ask(.head, path, token).status == 200)
                expectProblem(try await api.ask(.post, path, token), 405, "POST \(path)")
            }
        }
    }

    @Test(
        "metrics are in the text format of Prometheus, and count the requests before", arguments: TestAPI.Mode.allCases)
    func metrics(mode: TestAPI.Mode) async throws {
        let api = try await TestAPI(mode: mode, isPublished: false)
        for _ in 1...3 { _ = try await api.ask(.get, "/metrics", try await api.token(.clinician)) }
        _ = try await api.ask(.get, "/health")
        let metrics = try await api.ask(.get, "/metrics", try await api.token(.service))
        #expect(metrics["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
        for line in [
            "avicenna_relay_connections 0", #"avicenna_api_requests_total{status="403"} 3"#,
            #"avicenna_api_requests_total{status="200"} 1"#, "avicenna_api_request_seconds_count 4",
            "avicenna_api_untrusted_forwarded_total 0",
        ] { #expect(metrics.body.contains("\n\(line)\n"), "\(line): \(metrics.body)") }
    }

    @Test("the status counts who follows what")
    func status() async throws {
        let api = try await TestAPI(mode: .relay, isPublished: false)
        let status = try await api.ask(.get, "/ws/status", try await api.token(.service))
        #expect(status["Content-Type"] == "application/json")
        #expect(
            status.body == #"{"total_diagnoses":0,"total_connections":0,"#
                + #""connections_by_diagnosis":{},"queued_messages_by_diagnosis":{}}"#)
    }

    @Test("the address for metrics has them without a token, and nothing else", arguments: TestAPI.Mode.allCases)
    func metricsAddress(mode: TestAPI.Mode) async throws {
        let api = try await TestAPI(mode: mode, isPublished: false)
        for path in Self.paths {
            for token in [nil, "x.y.z", try await api.token(.patient, patient: 1)] {
                let answer = try await api.ask(.get, path, token, at: .metrics)
                #expect(answer.status == 200)
                // Tokens are not read.
                #expect(api.requests[answer["X-Request-ID"]]?["subject"] == nil)
            }
        }
        for path in ["/openapi.json", "/docs", "/api/feedback/status", "/ws/broadcast-feedback-update", "/"] {
            expectProblem(try await api.ask(.get, path, at: .metrics), 404, path)
        }
    }

    @Test("their readers have the rate limit of all requests")
    func limit() async throws {
        let api = try await TestAPI(mode: .relay, isPublished: false) { $0.api.requestsPerMinute = 2 }
        let token = try await api.token(.service)
        for address in TestAPI.Address.allCases {
            var statuses: [Int] = []
            // The limit recovers with time, of which a busy machine takes much.
            while statuses.last != 429, statuses.count < 50 {
                statuses.append(try await api.ask(.get, "/metrics", token, at: address).status)
            }
            #expect(Set(statuses) == [200, 429] && statuses.count > 2, "\(statuses)")
        }
    }
}
