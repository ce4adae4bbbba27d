import Domain
import TestSupport
import Testing

@testable import Web

@Suite(.timeLimit(.minutes(5))) struct StatusRoutesTests {
    private static let paths = [
        "/api/feedback/status", "/api/analytics/status", "/api/predictions/health", "/api/predictions/model/version",
    ]

    @Test("tells staff which day and run the results are of, and others that the service runs", arguments: paths)
    func status(path: String) async throws {
        let api = try await TestAPI()
        let hidden =
            #"{"status":"ok","as_of":null,"computed_at":null,"run_id":null,"model_version":"ensemble-1","released_until":null}"#
        for token in [nil, try await api.token(.patient, patient: 1)] {
            #expect(try await api.ask(.get, path, token).body == hidden)
        }
        for role in [Role.clinician, .admin, .service] {
            let status = try await api.get(path, try await api.token(role))
            #expect(status["as_of"] == "2026-10-20" && status["run_id"] == 1)
            #expect(status["computed_at"] == "2026-10-20T09:00:00Z" && status["model_version"] == "ensemble-1")
        }
    }

    @Test("has no day before the first run")
    func noResults() async throws {
        let api = try await TestAPI(isPublished: false)
        let status = try await api.get(Self.paths[0], try await api.token(.admin))
        #expect(status["status"] == "ok" && status["as_of"] == .null && status["run_id"] == .null)
    }

    @Test("is not part of a relay alone", arguments: paths)
    func relayAlone(path: String) async throws {
        let api = try await TestAPI(mode: .relay, isPublished: false)
        #expect(try await api.ask(.get, path).status == 404)
    }
}
