import Domain
import Store
import TestSupport
import Testing

@testable import Web

/// A broadcast is a request like all others: logged, counted and limited, whatever is served beside the relay.
@Suite(.timeLimit(.minutes(5))) struct BroadcastRoutesTests {
    private static let kinds = ["feedback", "effectiveness", "recommendation"]

    private func broadcast(
        _ kind: String, _ api: TestAPI, _ token: String?, diagnosis: Int = 1, data: String = #"{"n":1}"#
    ) async throws -> TestAnswer {
        try await api.ask(
            .post, "/ws/broadcast-\(kind)-update", token, json: #"{"diagnosis_id":\#(diagnosis),"data":\#(data)}"#)
    }

    private func deltas(_ api: TestAPI) throws -> [Delta] {
        try api.database.outbox(after: 0, limit: 1000) { _ in true }.deltas
    }

    @Test(
        "commits a message with the next number",
        arguments: zip(kinds, [Delta.Kind.feedback, .effectiveness, .ranking]))
    func message(name: String, kind: Delta.Kind) async throws {
        let api = try await TestAPI(mode: .relay, isPublished: false)
        let token = try await api.token(.service)
        let before = try api.database.latestSequence()
        let answer = try await broadcast(name, api, token)
        #expect(answer.status == 202 && answer.body == #"{"seq":\#(before + 1)}"#)
        #expect(answer["Cache-Control"] == "no-store" && answer["ETag"] == nil)
        let delta = try #require(try deltas(api).last)
        #expect(delta.diagnosis == DiagnosisID(rawValue: 1) && delta.at == api.clock.now)
        #expect(delta.change == .broadcast(kind, json: #"{"n":1}"#))
    }

    @Test(
        "passes the data on as it was written",
        arguments: [
            #"{"z":1.50,"a":12345678901234567890,"e":1E3}"#, #"{ "a" : [ {}, [] , "}\"]" ] }"#, "{}",
            #"{"data":{"diagnosis_id":7},"گل":"\u06af\n"}"#,
        ])
    func verbatim(data: String) async throws {
        let api = try await TestAPI(mode: .relay, isPublished: false)
        let token = try await api.token(.service)
        for body in [
            #"{"diagnosis_id":1,"data":\#(data)}"#, #" {"data" : \#(data) , "note": [1], "diagnosis_id" :1 } "#,
        ] {
            let answer = try await api.ask(.post, "/ws/broadcast-feedback-update", token, json: body)
            #expect(answer.status == 202, "\(body)")
            #expect(try deltas(api).last?.change == .broadcast(.feedback, json: data))
        }
    }

    @Test("takes a body whatever its type, since only those with a token can send one, but none that is compressed")
    func contentTypes() async throws {
        let api = try await TestAPI(mode: .relay, isPublished: false)
        let token = try await api.token(.service)
        for (header, value, status) in [
            ("Content-Type", "application/x-www-form-urlencoded", 202), ("Content-Type", "text/plain", 202),
            ("Content-Encoding", "gzip", 415), ("Content-Encoding", "identity", 202),
        ] {
            let answer = try await api.ask(
                .post, "/ws/broadcast-feedback-update", token, json: #"{"diagnosis_id":1,"data":{}}"#,
                headers: [header: value])
            #expect(answer.status == status, "\(header): \(value)")
        }
    }

    @Test(
        "refuses what is not a broadcast, and commits nothing",
        arguments: [
            (#"{"diagnosis_id":99999999,"data":{}}"#, 404), (#"{"diagnosis_id":"1","data":{}}"#, 422),
            (#"{"diagnosis_id":0,"data":{}}"#, 422), (#"{"diagnosis_id":1,"data":[]}"#, 422),
            (#"{"diagnosis_id":1}"#, 422), ("[]", 422), ("x", 400), ("", 400),
            (#"{"diagnosis_id":1,"data":{},"data":{}}"#, 400), (#"{"diagnosis_id":1,"data":{"x":01}}"#, 400),
            (#"{"diagnosis_id":1,"data":{},}"#, 400), (#"{"diagnosis_id":1,"data":{"a":[1,]}}"#, 400),
            (#"{"diagnosis_id":1,"data":{"a":1,"a":2}}"#, 400),
            (#"{"diagnosis_id":1,"data":{"x":"\#(String(repeating: "x", count: 70_000))"}}"#, 413),
            (#"{"diagnosis_id":1,"data":{"x":"\#(String(repeating: "x", count: 300_000))"}}"#, 413),
        ] as [(String, Int)])
    func invalidBodies(body: String, status: Int) async throws {
        let api = try await TestAPI(mode: .relay, isPublished: false)
        let answer = try await api.ask(
            .post, "/ws/broadcast-feedback-update", try await api.token(.service), json: body)
        #expect(answer.status == status, "\(answer.body)")
        #expect(answer["Content-Type"] == "application/problem+json")
        #expect(try deltas(api).isEmpty)
    }

    @Test("has an entry in the audit log")
    func audit() async throws {
        let api = try await TestAPI(mode: .relay, isPublished: false)
        let before = try api.database.auditReport(against: nil).entries
        _ = try await broadcast("feedback", api, try await api.token(.service))
        let report = try api.database.auditReport(against: nil)
        #expect(report.entries == before + 1 && report.problems.isEmpty)
    }

    // MARK: As all requests

    @Test("logs each broadcast with its request id and subject", arguments: TestAPI.Mode.allCases)
    func log(mode: TestAPI.Mode) async throws {
        let api = try await TestAPI(mode: mode, isPublished: false)
        let token = try await api.token(.service, subject: "platform")
        let patient = try await api.token(.patient, patient: 1, subject: "nobody")
        for kind in Self.kinds {
            let cases = [
                (try await broadcast(kind, api, token), 202, "platform"),
                (try await broadcast(kind, api, token, diagnosis: 987_654_321), 404, "platform"),
                (try await broadcast(kind, api, patient), 403, "nobody"),
            ]
            for (answer, status, subject) in cases {
                #expect(answer.status == status, "\(answer.body)")
                let line = try #require(api.requests[answer["X-Request-ID"]])
                #expect(line["method"] == "POST" && line["path"] == "/ws/broadcast-\(kind)-update")
                #expect(line["status"] == "\(status)" && line["subject"] == subject)
            }
        }
    }

    @Test("counts each broadcast by its status", arguments: TestAPI.Mode.allCases)
    func counters(mode: TestAPI.Mode) async throws {
        let api = try await TestAPI(mode: mode, isPublished: false)
        let token = try await api.token(.service)
        for kind in Self.kinds {
            #expect(try await broadcast(kind, api, token).status == 202)
            #expect(try await broadcast(kind, api, nil).status == 401)
        }
        let metrics = try await api.ask(.get, "/metrics", token).body
        for status in [202, 401] {
            #expect(metrics.contains("\navicenna_api_requests_total{status=\"\(status)\"} 3\n"), "\(metrics)")
        }
    }

    @Test("limits the broadcasts of a token to ten times its other requests", arguments: TestAPI.Mode.allCases)
    func limit(mode: TestAPI.Mode) async throws {
        let api = try await TestAPI(mode: mode, isPublished: false) { $0.api.requestsPerMinute = 2 }
        let token = try await api.token(.service)
        var statuses: [Int] = []
        // The limit recovers with time, of which a busy machine takes much.
        while statuses.last != 429, statuses.count < 500 {
            let answer = try await broadcast(Self.kinds[statuses.count % 3], api, token)
            statuses.append(answer.status)
            if answer.status == 429 { #expect(Int(answer["Retry-After"] ?? "") ?? 0 > 0) }
        }
        #expect(statuses.count > 20)
        #expect(Set(statuses) == [202, 429])
        // Another token has a limit of its own.
        let other = try await api.token(.service, subject: "other")
        #expect(try await broadcast("feedback", api, other).status == 202)
    }
}
