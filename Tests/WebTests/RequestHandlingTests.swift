import Domain
import HTTPTypes
import TestSupport
import Testing

@testable import Web

/// What surrounds all requests: problems, conditional requests, origins, limits and the log.
@Suite(.timeLimit(.minutes(5))) struct RequestHandlingTests {
    // MARK: Problems

    @Test("problems name what is wrong, and what was probably meant")
    func problems() async throws {
        let api = try await TestAPI(isPublished: false)
        let token = try await api.token(.service)
        let wrong = try await api.ask(
            .post, "/api/feedback/submit", token, json: #"{"recommendation_id":1,"rating":9,"comments":"x"}"#)
        #expect(wrong.status == 422)
        #expect(wrong["Content-Type"] == "application/problem+json" && wrong["Cache-Control"] == "no-store")
        let errors = try #require(wrong.json["errors"]?.entries)
        #expect(Set(errors.map { $0["field"]?.string }) == ["rating", "comments"] && errors.count == 2)
        #expect(errors.contains { $0["detail"] == "is not known; did you mean 'comment'?" })
        #expect(wrong["X-Request-ID"] == wrong.json["request_id"]?.string)
        #expect(wrong["X-Content-Type-Options"] == "nosniff")
        let page = try await api.ask(.get, "/api/analytics/trending?limt=5")
        #expect(page.status == 422)
        #expect(page.json["errors"]?[0]?["detail"] == "is not a parameter; did you mean 'limit'?")
        let twice = try await api.ask(.get, "/api/analytics/trending?limit=5&limit=6")
        #expect(twice.json["errors"]?[0]?["detail"] == "is repeated")
        let many = (1...21).map { "a\($0)=1" }.joined(separator: "&")
        #expect(try await api.ask(.get, "/api/analytics/trending?\(many)").status == 400)
    }

    @Test("a path that is not there, and a method that a path does not have")
    func paths() async throws {
        let api = try await TestAPI(isPublished: false)
        let unknown = try await api.ask(.get, "/api/nothing")
        #expect(unknown.status == 404 && unknown.json["detail"] == "there is nothing at /api/nothing")
        let method = try await api.ask(.patch, "/api/feedback/1")
        #expect(method.status == 405 && method["Allow"] == "DELETE, PUT")
        // A literal path comes before one with a parameter.
        #expect(try await api.ask(.delete, "/api/feedback/status")["Allow"] == "GET, HEAD")
        let head = try await api.ask(.head, "/api/nothing")
        #expect(head.status == 404 && head.body.isEmpty)
    }

    @Test("refuses bodies that are not JSON, too large, compressed or of another type, after the token")
    func bodies() async throws {
        let api = try await TestAPI(isPublished: false)
        let token = try await api.token(.service)
        let draft = #"{"recommendation_id":1,"rating":4}"#
        func submit(_ body: String, _ headers: [String: String] = [:], _ token: String?) async throws -> TestAnswer {
            try await api.ask(.post, "/api/feedback/batch/submit", token, json: body, headers: headers)
        }
        for (body, headers, status) in [
            ("{", [:], 400), ("", [:], 400), (#"{"feedback":[\#(draft)],}"#, [:], 400),
            (#"{"feedback":[\#(String(repeating: " ", count: 300_000))]}"#, [:], 413),
            (#"{"feedback":[\#(draft)]}"#, ["Content-Type": "application/x-www-form-urlencoded"], 415),
            (#"{"feedback":[\#(draft)]}"#, ["Content-Type": ""], 415),
            (#"{"feedback":[\#(draft)]}"#, ["Content-Encoding": "gzip"], 415),
            (#"{"feedback":[\#(draft)]}"#, ["Content-Encoding": "identity"], 201),
            (#"{"feedback":[\#(draft)]}"#, ["Content-Type": "application/json; charset=utf-8"], 201),
        ] as [(String, [String: String], Int)] {
            #expect(try await submit(body, headers, token).status == status, "\(body.prefix(60)) \(headers)")
            #expect(try await submit(body, headers, nil).status == 401)
        }
        // A large body is parsed on a thread of its own.
        let comment = String(repeating: "x", count: 500)
        let drafts = Array(
            repeating: #"{"recommendation_id":1,"rating":4,"comment":"\#(comment)"}"#, count: 50)
        #expect(try await submit(#"{"feedback":[\#(drafts.joined(separator: ","))]}"#, [:], token).status == 201)
    }

    // MARK: Caches

    @Test("does not send again what did not change")
    func conditionalRequests() async throws {
        let api = try await TestAPI(isPublished: false)
        let path = "/api/feedback/status"
        let first = try await api.ask(.get, path)
        let tag = try #require(first["ETag"])
        #expect(first["Cache-Control"] == "private, no-cache")
        #expect(first["Vary"]?.contains("Authorization, Accept-Language") == true)
        for known in [tag, "W/\(tag)", "\"other\", \(tag)", "*"] {
            let second = try await api.ask(.get, path, headers: ["If-None-Match": known])
            #expect(second.status == 304 && second.body == "" && second["ETag"] == tag, "\(known)")
        }
        #expect(try await api.ask(.get, path, headers: ["If-None-Match": "\"other\""]).status == 200)
        let metrics = try await api.ask(.get, "/metrics", try await api.token(.service)).body
        #expect(metrics.contains("avicenna_api_requests_total{status=\"304\"} 4\n"), "\(metrics)")
        #expect(metrics.contains("avicenna_api_request_seconds_count 6\n"))
        let head = try await api.ask(.head, path)
        #expect(head.status == 200 && head.body == "" && head["ETag"] == tag)
        // What staff see has another tag.
        try await api.run()
        #expect(try await api.ask(.get, path, try await api.token(.admin))["ETag"] != tag)
    }

    // MARK: Origins

    @Test(
        "answers pages of allowed origins alike at every path",
        arguments: [
            ("GET", "/api/feedback/status"), ("POST", "/api/feedback/submit"),
            ("POST", "/ws/broadcast-feedback-update"), ("GET", "/ws/status"), ("GET", "/health"), ("GET", "/metrics"),
            ("GET", "/openapi.json"), ("GET", "/nothing"),
        ])
    func allowedOrigins(method: String, path: String) async throws {
        let app = "https://app.example"
        let api = try await TestAPI(isPublished: false) { settings in
            settings.api.allowedOrigins = [try #require(WebOrigin(app))]
        }
        let request = try #require(HTTPRequest.Method(method))
        let preflight = try await api.ask(
            .options, path, headers: ["Origin": app, "Access-Control-Request-Method": method])
        #expect(preflight.status == 204)
        #expect(preflight["Access-Control-Allow-Origin"] == app)
        #expect(preflight["Access-Control-Allow-Headers"]?.contains("Authorization") == true)
        #expect(preflight["Access-Control-Allow-Methods"]?.contains(method) == true)
        let answer = try await api.ask(request, path, headers: ["Origin": app])
        #expect(answer["Access-Control-Allow-Origin"] == app)
        #expect(answer["Access-Control-Expose-Headers"]?.contains("ETag") == true)
        for headers in [["Origin": "https://evil.example"], ["Origin": "null"], [:]] {
            let other = try await api.ask(request, path, headers: headers)
            #expect(other["Access-Control-Allow-Origin"] == nil)
            // So that no cache gives the answer to one origin to another.
            #expect(other["Vary"]?.contains("Origin") == true)
        }
        // Without the origin's leave, a preflight is a request as any other.
        let refused = try await api.ask(
            .options, path, headers: ["Origin": "https://evil.example", "Access-Control-Request-Method": method])
        #expect(refused.status == (path == "/nothing" ? 404 : 405) && refused["Access-Control-Allow-Origin"] == nil)
    }

    // MARK: Limits

    @Test("who asks too often is told when to come back")
    func rateLimit() async throws {
        let api = try await TestAPI(isPublished: false) { $0.api.requestsPerMinute = 5 }
        var statuses: [Int] = []
        // Five in a minute may pass, and one more each twelve seconds that this takes.
        while statuses.last != 429, statuses.count < 50 {
            let answer = try await api.ask(.get, "/api/feedback/status")
            statuses.append(answer.status)
            if answer.status == 429 { #expect((1...12).contains(Int(answer["Retry-After"] ?? "") ?? 0)) }
        }
        #expect(Set(statuses) == [200, 429] && statuses.count > 5)
        // A token is counted by itself, and one that is not valid by its address.
        #expect(try await api.ask(.get, "/api/patients/1", try await api.token(.service)).status == 200)
        var refused: [Int] = []
        for _ in 1...4 { refused.append(try await api.ask(.get, "/api/patients/1", "x.y.z").status) }
        #expect(refused.contains(429), "\(refused)")
    }

    // MARK: The log

    @Test("logs each request with what it was, and nothing that is confidential")
    func log() async throws {
        let api = try await TestAPI(isPublished: false)
        let token = try await api.token(.service, subject: "platform")
        let body = #"{"recommendation_id":1,"rating":5,"comment":"confidential"}"#
        let refused = try await api.ask(.post, "/api/feedback/submit?token=unspeakable", token, json: body)
        let given = try await api.ask(.post, "/api/feedback/submit", token, json: body)
        for (answer, status) in [(refused, 422), (given, 201)] {
            #expect(answer.status == status)
            let line = try #require(api.requests[answer["X-Request-ID"]])
            #expect(line["method"] == "POST" && line["path"] == "/api/feedback/submit")
            #expect(line["status"] == "\(status)" && line["subject"] == "platform")
            #expect(line["bytes"] == "\(answer.body.utf8.count)")
            #expect(line["seconds"].flatMap { Double($0) }.map { $0 >= 0 } == true)
        }
        #expect(api.requests.all.count == 2)
        for secret in ["confidential", "unspeakable", token] {
            #expect(!"\(api.requests.all)".contains(secret) && !"\(api.log.all)".contains(secret))
        }
    }
}
