import Domain
import TestSupport
import Testing

@testable import Web

@Suite(.timeLimit(.minutes(5))) struct HealthRoutesTests {
    @Test(
        "says to anybody that the server works, and nothing of the clinic", arguments: TestAPI.Mode.allCases)
    func health(mode: TestAPI.Mode) async throws {
        let api = try await TestAPI(mode: mode, isPublished: false)
        for (path, status) in [("/health", "ok"), ("/live", "ok"), ("/ready", "ready")] {
            for address in TestAPI.Address.allCases {
                let answer = try await api.ask(.get, path, at: address)
                #expect(answer.status == 200 && answer.body == #"{"status":"\#(status)"}"#, "\(path)")
                #expect(answer["Content-Type"] == "application/json")
                #expect(answer["X-Content-Type-Options"] == "nosniff")
                #expect(answer["X-Request-ID"]?.isEmpty == false)
                // A token that is not valid does not matter.
                #expect(try await api.ask(.get, path, "x.y.z", at: address).status == 200)
                let head = try await api.ask(.head, path, at: address)
                #expect(head.status == 200 && head.body.isEmpty)
            }
            let written = try await api.ask(.post, path)
            #expect(written.status == 405 && written["Allow"] == "GET, HEAD")
        }
    }

    @Test("health is not limited")
    func limit() async throws {
        let api = try await TestAPI(mode: .relay, isPublished: false) { $0.api.requestsPerMinute = 1 }
        for _ in 1...5 { #expect(try await api.ask(.get, "/health").status == 200) }
    }
}
