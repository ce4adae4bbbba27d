import Foundation
import TestSupport
import Testing

/// What only a whole server shows of its endpoints: the description is true, and the log says nothing confidential.
@Suite(.endToEnd, .timeLimit(.minutes(30))) struct AccessTests {
    private let api: ServedAPI

    init() async throws {
        api = try await ServedAPI(
            settings: "rate_limit: 0\nfeedback_per_day: 1000\nallowed_origins: https://app.example\n")
    }

    private static let schemathesis = Repository.root.appending(path: ".build/schemathesis/bin/schemathesis").path

    /// All of its checks: answers are as they are described, what is allowed is taken, and what is not is refused.
    @Test(
        .enabled(
            if: FileManager.default.isExecutableFile(atPath: schemathesis),
            "schemathesis is not installed; 'make test' installs it"),
        .timeLimit(.minutes(30)), arguments: ["--admin", "--patient 7", "nobody"])
    func theDescriptionIsTrue(whose: String) async throws {
        let header = whose == "nobody" ? "" : "-H 'Authorization: Bearer \(try await api.clinic.token(whose))'"
        let run = try await api.clinic.shell(
            """
            '\(Self.schemathesis)' run http://127.0.0.1:\(api.server.port)/openapi.json --checks all \(header) \
                --max-examples \(LongTests.areEnabled ? 50 : 15) --seed 1 --no-color
            """)
        #expect(run.status == 0, "\(run.output.suffix(4000)) \(run.errors)")
        #expect(try api.server.errors == "listening at 127.0.0.1:\(api.server.port)\n")
    }

    @Test func aRevokedTokenIsRefused() async throws {
        let token = try await api.clinic.token("--admin --subject boss")
        #expect(try await api.ask("GET", "/api/patients/1", token).status == 200)
        #expect(try await api.clinic.shell("avicenna token --revoke-subject boss").status == 0)
        var status = 200
        try await waitUntil("the server knows of the revocation", timeout: .seconds(60)) {
            status = try await api.ask("GET", "/api/patients/1", token).status
            return status != 200
        }
        #expect(status == 401)
    }

    // MARK: Habits

    @Test func theLogSaysNothingThatIsConfidential() async throws {
        let own = try await ServedClinic(settings: "log_format: json\n")
        #expect(try await own.shell("avicenna run feedback -q").status == 0)
        let server = try await ServerProcess(in: own.folder, command: "serve")
        let token = try await own.token("--service --subject platform")
        let answer = try await HTTPExchange(
            "POST", "/api/feedback/submit?token=unspeakable", port: server.port, token: token,
            json: #"{"recommendation_id":1,"rating":5,"comment":"confidential"}"#)
        #expect(answer.status == 422)
        let given = try await HTTPExchange(
            "POST", "/api/feedback/submit", port: server.port, token: token,
            json: #"{"recommendation_id":1,"rating":5,"comment":"confidential"}"#)
        #expect(given.status == 201)
        let id = try #require(given["X-Request-ID"])
        try await server.end(with: SIGTERM)
        let log = try server.errors
        let line = try #require(log.split(separator: "\n").first { $0.contains(id) })
        for part in [
            #""method":"POST""#, #""path":"/api/feedback/submit""#, #""status":201"#, #""subject":"platform""#,
        ] {
            #expect(line.contains(part), "\(line)")
        }
        for secret in ["confidential", "unspeakable", token] {
            #expect(!log.contains(secret), "\(log)")
        }
    }

    @Test func aBodyThatBreaksOffIsNoErrorOfTheServer() async throws {
        let own = try await ServedClinic(settings: "log_format: json\n")
        #expect(try await own.shell("avicenna run feedback -q").status == 0)
        let server = try await ServerProcess(in: own.folder, command: "serve")
        let token = try await own.token("--service --subject platform")
        let connections = try [
            "Content-Length: 50\r\n\r\n{\"recommendation_id\":",
            "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"rec\r\n", "Transfer-Encoding: chunked\r\n\r\nno number\r\n",
        ].map { body in
            let connection = try RawWebSocket(port: server.port)
            connection.send(
                Array(
                    """
                    POST /api/feedback/submit HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(token)\r
                    Content-Type: application/json\r\n\(body)
                    """.utf8))
            connection.endSending()
            return connection
        }
        try await waitUntil("each request is in the log") {
            try server.errors.split(separator: "\n").count { $0.contains("\"status\":400") } >= connections.count
        }
        #expect(try !server.errors.contains("\"level\":\"error\""))
    }
}
