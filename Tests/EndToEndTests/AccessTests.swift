import Foundation
import TestSupport
import Testing

/// What each role may not do, of every endpoint, and how requests that are not as they must be are answered.
@Suite(.endToEnd, .serialized, .timeLimit(.minutes(30))) struct AccessTests {
    private let api: ServedAPI

    init() async throws {
        api = try await ServedAPI(
            settings: "rate_limit: 0\nfeedback_per_day: 1000\nallowed_origins: https://app.example\n")
    }

    // MARK: Roles

    /// Who may use an endpoint.
    private enum Access {
        /// Anybody, who is told what is released; patients as well.
        case anybody
        /// The patient whose it is, and staff.
        case owner
        /// Staff.
        case staff
        /// Services and admins.
        case program
    }

    private static let access: [String: Access] = [
        "POST /api/feedback/submit": .owner, "POST /api/feedback/batch/submit": .owner,
        "PUT /api/feedback/{id}": .owner, "DELETE /api/feedback/{id}": .owner,
        "GET /api/feedback/diagnosis/{id}/history": .owner, "GET /api/feedback/diagnosis/{id}/overview": .owner,
        "GET /api/feedback/recommendation/{id}/summary": .anybody,
        "GET /api/feedback/recommendation/{id}/trend": .anybody,
        "GET /api/feedback/recommendation/{id}/most-effective": .anybody,
        "GET /api/feedback/side-effects/{recommendation_id}": .anybody, "GET /api/feedback/statistics": .anybody,
        "GET /api/feedback/status": .anybody,
        "GET /api/recommendation/{id}/effectiveness": .owner, "GET /api/analysis/{id}/effectiveness": .owner,
        "GET /api/analytics/trending": .anybody, "GET /api/analytics/worst-performing": .anybody,
        "GET /api/analytics/condition/{name}": .anybody, "GET /api/analytics/herb/{name}": .anybody,
        "POST /api/analytics/calculate/{id}": .staff, "POST /api/analytics/batch/calculate": .staff,
        "GET /api/analytics/status": .anybody,
        "GET /api/predictions/diagnosis/{id}/predict": .owner, "GET /api/predictions/diagnosis/{id}/optimize": .owner,
        "GET /api/predictions/diagnosis/{id}/evolution": .owner, "GET /api/predictions/diagnosis/{id}/accuracy": .owner,
        "GET /api/predictions/patient/{id}/profile": .owner, "POST /api/predictions/batch/predict": .owner,
        "GET /api/predictions/recommendation/{id}/prediction-stats": .anybody,
        "GET /api/predictions/model/version": .anybody, "GET /api/predictions/health": .anybody,
        "GET /api/patients": .staff, "GET /api/diagnoses": .staff, "GET /api/recommendations": .staff,
        "POST /api/patients": .staff, "POST /api/patients/batch": .staff, "GET /api/patients/{id}": .staff,
        "GET /api/patients/{id}/diagnoses": .staff, "POST /api/diagnoses": .staff,
        "POST /api/diagnoses/batch": .staff, "GET /api/diagnoses/{id}": .staff,
        "GET /api/diagnoses/{id}/recommendations": .staff, "POST /api/recommendations": .staff,
        "POST /api/recommendations/batch": .staff, "GET /api/recommendations/{id}": .staff,
        "POST /ws/broadcast-recommendation-update": .program, "POST /ws/broadcast-effectiveness-update": .program,
        "POST /ws/broadcast-feedback-update": .program, "GET /metrics": .program, "GET /ws/status": .program,
    ]

    @Test(.timeLimit(.minutes(30))) func everyRoleMayDoWhatIsTheirsAndNothingElse() async throws {
        let document = try await api.ask("GET", "/openapi.json")
        let paths: [String: [String: Any]] = try #require(document.value("paths"))
        let endpoints = paths.flatMap { path, methods in methods.keys.map { "\($0.uppercased()) \(path)" } }
        #expect(Set(endpoints) == Set(Self.access.keys))

        let row = try await api.sql(
            """
            SELECT recommendation_id, diagnosis_id, patient_id, feedback_id FROM feedback JOIN recommendations
            USING (recommendation_id) JOIN diagnoses USING (diagnosis_id) WHERE deleted_at IS NULL LIMIT 1
            """
        ).split(separator: "|").map(String.init)
        let (recommendation, diagnosis, patient, feedback) = (row[0], row[1], row[2], row[3])
        let stranger = try await api.sql("SELECT patient_id FROM patients WHERE patient_id <> \(patient) LIMIT 1")
        let tokens: [(role: String, token: String?)] = [
            ("nobody", nil), ("forger", "x.y.z"), ("stranger", try await api.clinic.token("--patient \(stranger)")),
            ("owner", try await api.clinic.token("--patient \(patient)")),
            ("clinician", try await api.clinic.token("--clinician")),
            ("admin", try await api.clinic.token("--admin")), ("service", try await api.clinic.token("--service")),
        ]
        func body(_ endpoint: String) -> String? {
            if !endpoint.hasPrefix("POST") && !endpoint.hasPrefix("PUT") { return nil }
            let judged = #""rating":4"#
            return switch endpoint.split(separator: " ")[1] {
            case "/api/feedback/submit": #"{"recommendation_id":\#(recommendation),\#(judged)}"#
            case "/api/feedback/batch/submit": #"{"feedback":[{"recommendation_id":\#(recommendation),\#(judged)}]}"#
            case "/api/feedback/{id}": "{\(judged)}"
            case "/api/analytics/batch/calculate": #"{"recommendation_ids":[\#(recommendation)]}"#
            case "/api/predictions/batch/predict": #"{"diagnosis_ids":[\#(diagnosis)]}"#
            case "/api/patients": #"{"mizaj_type":"motadel"}"#
            case "/api/patients/batch": #"{"patients":[{"mizaj_type":"motadel"}]}"#
            case "/api/diagnoses": #"{"patient_id":\#(patient),"condition":"x"}"#
            case "/api/diagnoses/batch": #"{"diagnoses":[{"patient_id":\#(patient),"condition":"x"}]}"#
            case "/api/recommendations": #"{"diagnosis_id":\#(diagnosis),"herb":"x"}"#
            case "/api/recommendations/batch": #"{"recommendations":[{"diagnosis_id":\#(diagnosis),"herb":"x"}]}"#
            case let path where path.hasPrefix("/ws/"): #"{"diagnosis_id":\#(diagnosis),"data":{}}"#
            default: nil
            }
        }
        func path(_ endpoint: String) -> String {
            let path = String(endpoint.split(separator: " ")[1])
            let id =
                path.contains("patient")
                ? patient
                : path.contains("diagnos") || path.contains("analysis")
                    ? diagnosis
                    : path == "/api/feedback/{id}" ? feedback : recommendation
            return path.replacing("{id}", with: id).replacing("{recommendation_id}", with: id).replacing(
                "{name}", with: "nothing")
        }
        for (endpoint, access) in Self.access.sorted(by: { $0.key < $1.key }) {
            for (role, token) in tokens {
                let method = String(endpoint.split(separator: " ")[0])
                let answer = try await api.ask(method, path(endpoint), token, json: body(endpoint))
                let place = "\(role): \(endpoint): \(answer.status) \(answer.body.prefix(200))"
                switch (access, role) {
                case (.anybody, "forger") where answer.status == 200:
                    // Nothing of any patient is in it, so that nobody looks at tokens.
                    #expect(answer.body.contains(#""status":"ok""#), "\(place)")
                case (_, "forger"): #expect(answer.status == 401, "\(place)")
                case (.anybody, "nobody"), (.anybody, "stranger"):
                    #expect(answer.status == 200, "\(place)")
                    // Nothing is told exactly.
                    #expect(!answer.body.contains(#""exact":true"#), "\(place)")
                    #expect(!answer.body.contains(#""recommendation_id""#), "\(place)")
                case (_, "nobody"): #expect(answer.status == 401, "\(place)")
                case (.owner, "stranger"): #expect(answer.status == 404, "\(place)")
                case (.staff, "stranger"), (.staff, "owner"), (.program, "stranger"), (.program, "owner"),
                    (.program, "clinician"):
                    #expect(answer.status == 403, "\(place)")
                default:
                    // The golden feedback is older than what may be changed.
                    let isTooLate = endpoint.contains("/feedback/{id}") && answer.status == 403
                    #expect((200..<300).contains(answer.status) || isTooLate || endpoint.contains("{name}"), "\(place)")
                }
            }
        }
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
                --max-examples 15 --seed 1 --no-color
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

    @Test func problemsNameWhatIsWrong() async throws {
        let token = try await api.clinic.token("--service")
        let wrong = try await api.ask(
            "POST", "/api/feedback/submit", token, json: #"{"recommendation_id":1,"rating":9,"comments":"x"}"#)
        #expect(wrong.status == 422)
        #expect(wrong["Content-Type"] == "application/problem+json")
        let errors: [[String: String]] = try #require(wrong.value("errors"))
        #expect(
            errors.map { $0["field"] } == ["rating", "comments"]
                || errors.map { $0["field"] } == ["comments", "rating"])
        #expect(errors.contains { $0["detail"] == "is not known; did you mean 'comment'?" })
        #expect(wrong["X-Request-ID"] == wrong.value("request_id", as: String.self))
        #expect(wrong["X-Content-Type-Options"] == "nosniff")

        #expect(try await api.ask("POST", "/api/feedback/submit", token, json: "{").status == 400)
        let page = try await api.ask("GET", "/api/analytics/trending?limt=5")
        #expect(page.status == 422)
        #expect(page.value("errors", 0, "detail") == "is not a parameter; did you mean 'limit'?")
        let method = try await api.ask("PATCH", "/api/feedback/1")
        #expect(method.status == 405)
        #expect(method["Allow"] == "DELETE, PUT")
        #expect(try await api.ask("GET", "/api/nothing").status == 404)
        let large = #"{"feedback":[\#(String(repeating: " ", count: 300_000))]}"#
        #expect(try await api.ask("POST", "/api/feedback/batch/submit", token, json: large).status == 413)
        let form = try await api.ask(
            "POST", "/api/feedback/submit", token, headers: ["Content-Type": "application/x-www-form-urlencoded"])
        #expect(form.status == 415)
    }

    @Test func batchesWriteAllOrNothingUnlessTheySayOtherwise() async throws {
        let token = try await api.clinic.token("--service")
        let before = try await api.sql("SELECT count(*) FROM feedback")
        let drafts = #"[{"recommendation_id":1,"rating":5},{"recommendation_id":999999,"rating":5}]"#
        let refused = try await api.ask("POST", "/api/feedback/batch/submit", token, json: #"{"feedback":\#(drafts)}"#)
        #expect(refused.status == 404)
        #expect(refused.value("errors", 0, "field") == "feedback[1]")
        #expect(try await api.sql("SELECT count(*) FROM feedback") == before)
        let parts = try await api.ask(
            "POST", "/api/feedback/batch/submit", token, json: #"{"feedback":\#(drafts),"all_or_nothing":false}"#)
        #expect(parts.status == 201)
        #expect(parts.value("written") == 1)
        #expect(parts.value("results", 1, "problem", "status") == 404)
        let many =
            "[" + Array(repeating: #"{"recommendation_id":1,"rating":5}"#, count: 51).joined(separator: ",") + "]"
        #expect(
            try await api.ask("POST", "/api/feedback/batch/submit", token, json: #"{"feedback":\#(many)}"#).status
                == 422)
    }

    @Test func whatDidNotChangeIsNotSentAgain() async throws {
        let first = try await api.ask("GET", "/api/feedback/status")
        let tag = try #require(first["ETag"])
        let second = try await api.ask("GET", "/api/feedback/status", headers: ["If-None-Match": tag])
        #expect(second.status == 304)
        #expect(second.body == "")
        #expect(try await api.ask("GET", "/api/feedback/status", headers: ["If-None-Match": "\"other\""]).status == 200)
        let metrics = try await api.ask("GET", "/metrics", try await api.clinic.token("--service")).body
        #expect(metrics.contains("avicenna_api_requests_total{status=\"304\"} 1\n"), "\(metrics)")
        #expect(metrics.contains("avicenna_api_request_seconds_count 3\n"))
        let head = try await api.ask("HEAD", "/api/feedback/status")
        #expect(head.status == 200 && head.body == "")
    }

    @Test func pagesFollowEachOther() async throws {
        let token = try await api.clinic.token("--service")
        let diagnosis = try await api.sql(
            """
            SELECT diagnosis_id FROM feedback JOIN recommendations USING (recommendation_id) WHERE deleted_at IS NULL
            GROUP BY 1 ORDER BY count(*) DESC LIMIT 1
            """)
        let path = "/api/feedback/diagnosis/\(diagnosis)/history"
        func ids(_ page: HTTPExchange) -> [Int] {
            (page.value("feedback", as: [[String: Any]].self) ?? []).compactMap { $0["id"] as? Int }
        }
        let whole = ids(try await api.ask("GET", path + "?limit=200", token))
        #expect(whole.count > 4)
        #expect(whole == whole.sorted(by: >))
        var paged: [Int] = []
        var next: String? = ""
        while let cursor = next {
            let page = try await api.ask("GET", path + "?limit=3" + (cursor.isEmpty ? "" : "&cursor=\(cursor)"), token)
            #expect(ids(page).count <= 3)
            paged += ids(page)
            next = page.value("next_cursor")
        }
        #expect(paged == whole)
        let records = try await api.ask("GET", "/api/patients?limit=2", token)
        let first: [[String: Any]] = try #require(records.value("patients"))
        let after: String = try #require(records.value("next_cursor"))
        let more: [[String: Any]] = try #require(
            try await api.ask("GET", "/api/patients?limit=1&cursor=\(after)", token).value("patients"))
        let known = try await api.sql("SELECT patient_id FROM patients ORDER BY 1 LIMIT 3").split(separator: "\n")
        #expect((first + more).map { "\($0["id"] ?? "")" } == known.map(String.init))
    }

    @Test(
        "answers pages of allowed origins alike at every path",
        arguments: [
            ("GET", "/api/feedback/status"), ("POST", "/api/feedback/submit"),
            ("POST", "/ws/broadcast-feedback-update"), ("GET", "/ws/status"), ("GET", "/health"), ("GET", "/metrics"),
            ("GET", "/openapi.json"), ("GET", "/nothing"),
        ])
    func allowedOrigins(method: String, path: String) async throws {
        let origin = ["Origin": "https://app.example"]
        let preflight = try await api.ask(
            "OPTIONS", path, headers: origin.merging(["Access-Control-Request-Method": method]) { $1 })
        #expect(preflight.status == 204)
        #expect(preflight["Access-Control-Allow-Origin"] == "https://app.example")
        #expect(preflight["Access-Control-Allow-Headers"]?.contains("Authorization") == true)
        let answer = try await api.ask(method, path, headers: origin)
        #expect(answer["Access-Control-Allow-Origin"] == "https://app.example")
        for headers in [["Origin": "https://evil.example"], ["Origin": "null"], [:]] {
            let other = try await api.ask(method, path, headers: headers)
            #expect(other["Access-Control-Allow-Origin"] == nil)
            // So that no cache gives the answer to one origin to another.
            #expect(other["Vary"]?.contains("Origin") == true)
        }
    }

    @Test func theDescriptionNeedsNothingFromElsewhere() async throws {
        let page = try await api.ask("GET", "/docs")
        #expect(page.status == 200)
        #expect(page["Content-Type"] == "text/html; charset=utf-8")
        #expect(page["Content-Security-Policy"]?.hasPrefix("default-src 'none'") == true)
        #expect(!page.body.contains("src=") && !page.body.contains("http://") && !page.body.contains("https://"))
        #expect(page.body.contains("Too Many Requests"))
        for path in Self.access.keys.map({ $0.split(separator: " ")[1] }) { #expect(page.body.contains(path)) }
    }

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

    @Test func whoAsksTooOftenIsToldWhenToComeBack() async throws {
        let own = try await ServedClinic(settings: "rate_limit: 5\n")
        let server = try await ServerProcess(in: own.folder, command: "serve")
        var refused = try await HTTPExchange("GET", "/api/feedback/status", port: server.port)
        #expect(refused.status == 200)
        // Five in a minute may pass, and one more each twelve seconds that this takes.
        for _ in 0..<50 where refused.status == 200 {
            refused = try await HTTPExchange("GET", "/api/feedback/status", port: server.port)
        }
        #expect(refused.status == 429)
        #expect(Int(refused["Retry-After"] ?? "") ?? 0 > 0)
        // A token is counted by itself.
        let token = try await own.token("--service")
        #expect(try await HTTPExchange("GET", "/api/patients/1", port: server.port, token: token).status == 200)
    }
}
