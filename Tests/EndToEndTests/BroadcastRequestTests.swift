import Foundation
import TestSupport
import Testing

/// A broadcast is a request like all others: logged, counted and limited, whatever is served beside the relay.
@Suite(.endToEnd, .timeLimit(.minutes(30))) struct BroadcastRequestTests {
    private static let kinds = ["feedback", "effectiveness", "recommendation"]

    private func broadcast(
        _ kind: String, _ server: ServerProcess, _ token: String?, diagnosis: Int = 1
    ) async throws -> HTTPExchange {
        try await HTTPExchange(
            "POST", "/ws/broadcast-\(kind)-update", port: server.port, token: token,
            json: #"{"diagnosis_id":\#(diagnosis),"data":{"n":1}}"#)
    }

    @Test("logs each broadcast with its request id and subject", arguments: ["relay", "serve"])
    func log(command: String) async throws {
        let clinic = try await ServedClinic(settings: "log_format: json\n")
        let server = try await ServerProcess(in: clinic.folder, command: command)
        let token = try await clinic.token("--service --subject platform")
        let patient = try await clinic.token("--patient 1 --subject nobody")
        for kind in Self.kinds {
            let cases = [
                (try await broadcast(kind, server, token), 202, "platform"),
                (try await broadcast(kind, server, token, diagnosis: 987_654_321), 404, "platform"),
                (try await broadcast(kind, server, patient), 403, "nobody"),
            ]
            for (answer, status, subject) in cases {
                #expect(answer.status == status, "\(answer.body)")
                let id = try #require(answer["X-Request-ID"])
                let line = try #require(
                    try await server.errors(once: id).split(separator: "\n").first { $0.contains(id) })
                for part in [
                    #""method":"POST""#, #""path":"/ws/broadcast-\#(kind)-update""#, #""status":\#(status)"#,
                    #""subject":"\#(subject)""#,
                ] {
                    #expect(line.contains(part), "\(line)")
                }
            }
        }
    }

    @Test("counts each broadcast by its status", arguments: ["relay", "serve"])
    func counters(command: String) async throws {
        let clinic = try await ServedClinic()
        let server = try await ServerProcess(in: clinic.folder, command: command)
        let token = try await clinic.token("--service")
        for kind in Self.kinds {
            #expect(try await broadcast(kind, server, token).status == 202)
            #expect(try await broadcast(kind, server, nil).status == 401)
        }
        let metrics = try await HTTPExchange("GET", "/metrics", port: server.port, token: token).body
        for status in [202, 401] {
            #expect(metrics.contains("\navicenna_api_requests_total{status=\"\(status)\"} 3\n"), "\(metrics)")
        }
    }

    @Test("limits the broadcasts of a token to ten times its other requests", arguments: ["relay", "serve"])
    func limit(command: String) async throws {
        let clinic = try await ServedClinic(settings: "rate_limit: 2\n")
        let server = try await ServerProcess(in: clinic.folder, command: command)
        let token = try await clinic.token("--service")
        var statuses: [Int] = []
        // The limit recovers with time, of which a busy machine takes much.
        while statuses.last != 429, statuses.count < 500 {
            let answer = try await broadcast(Self.kinds[statuses.count % 3], server, token)
            statuses.append(answer.status)
            if answer.status == 429 { #expect(Int(answer["Retry-After"] ?? "") ?? 0 > 0) }
        }
        #expect(statuses.last == 429)
        #expect(statuses.count > 20)
        #expect(Set(statuses) == [202, 429])
        // Another token has a limit of its own.
        #expect(
            try await broadcast("feedback", server, try await clinic.token("--service --subject other")).status == 202)
    }
}
