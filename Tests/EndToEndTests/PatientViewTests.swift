import Domain
import Foundation
import Store
import StoreSQLite
import TestSupport
import Testing

/// What a patient sees does not tell what another patient does: nothing moves before the first run of the next day.
@Suite(.endToEnd, .serialized, .timeLimit(.minutes(30))) struct PatientViewTests {
    /// A clinic with two patients of one treatment, and others enough for scores to show.
    private struct Scene {
        static let diagnosis = 1
        static let recommendations = [1, 2]

        let clinic: ServedClinic
        let server: ServerProcess
        let patient: String
        let other: String
        let staff: String

        init() async throws {
            clinic = try await ServedClinic(
                settings: "rate_limit: 0\nfeedback_per_day: 1000\nfeedback_trigger: 2\nminimum_samples: 1\n",
                isEmpty: true)
            var records = TestClinic()
            let today = ClinicTimeZone.utc.day(of: Instant(seconds: Int64(Date().timeIntervalSince1970)))
            let own = records.patient()
            let first = records.recommendation("saffron", for: "insomnia", to: own, on: today - 5)
            records.recommendation("mint", in: DiagnosisID(rawValue: 1), on: today - 5)
            records.recommendation("saffron", for: "insomnia", to: records.patient(), on: today - 5)
            records.rate(first, 4, on: today - 3)
            for number in 0..<24 {
                let patient = records.patient()
                records.rate(
                    records.recommendation("saffron", for: "insomnia", to: patient, on: today - 9),
                    number % 3 == 0 ? 1 : 5, on: today - 4)
                records.rate(
                    records.recommendation("mint", for: "insomnia", to: patient, on: today - 9),
                    number % 2 == 0 ? 1 : 5, on: today - 4)
            }
            try records.write(to: try openDatabase(at: clinic.folder.path("avicenna.db"), create: true))
            let run = try await clinic.shell("avicenna run feedback -q")
            #expect(run.status == 0, "\(run.errors)")
            server = try await ServerProcess(in: clinic.folder, command: "serve")
            patient = try await clinic.token("--patient 1")
            other = try await clinic.token("--patient 2")
            staff = try await clinic.token("--clinician")
        }

        func ask(_ method: String = "GET", _ path: String, _ token: String?, json: String? = nil) async throws
            -> HTTPExchange
        {
            try await HTTPExchange(method, path, port: server.port, token: token, json: json)
        }

        /// All answers to questions about the first patient's records, and about names, by what was asked.
        func answers(to token: String?) async throws -> [String: String] {
            let document = try await ask("GET", "/openapi.json", nil)
            let paths: [String: [String: Any]] = try #require(document.value("paths"))
            var answers: [String: String] = [:]
            for (path, methods) in paths where methods["get"] != nil {
                let id = path.contains("/recommendation") || path.contains("side-effects") ? 1 : Self.diagnosis
                for name in path.contains("{name}") ? ["saffron", "insomnia"] : [""] {
                    let asked = path.replacing("{id}", with: "\(id)").replacing("{recommendation_id}", with: "1")
                        .replacing("{name}", with: name)
                    let answer = try await ask("GET", asked, token)
                    // Each problem has the id of its request.
                    let body = answer.body.replacing(/"request_id":"[^"]*"/, with: "")
                    answers[asked] = "\(answer.status) \(body)"
                }
            }
            for level in ["conservative", "aggressive"] {
                let asked = "/api/predictions/diagnosis/1/optimize?level=\(level)"
                answers[asked] = try await ask("GET", asked, token).body.replacing(/"request_id":"[^"]*"/, with: "")
            }
            answers["batch"] = try await ask(
                "POST", "/api/predictions/batch/predict", token, json: #"{"diagnosis_ids":[1]}"#
            ).body.replacing(/"request_id":"[^"]*"/, with: "")
            #expect(answers.count > 20)
            return answers
        }

        func follow(_ token: String, since: Int? = nil) throws -> RawWebSocket {
            try clinic.follow(server, Self.diagnosis, token, since: since)
        }

        /// Writes feedback of a patient until something calls for a run.
        @discardableResult
        func write(_ method: String, _ path: String, _ token: String, json: String? = nil) async throws
            -> HTTPExchange
        {
            let answer = try await ask(method, path, token, json: json)
            #expect((200...201).contains(answer.status), "\(answer.body)")
            return answer
        }

        /// Runs the job as new feedback does, and by hand.
        func runOften() async throws {
            for options in ["--trigger feedback", ""] {
                let run = try await clinic.shell("avicenna run feedback \(options) -q")
                #expect(run.status == 0, "\(run.errors)")
            }
        }
    }

    /// A message of the relay without the time at which it was made.
    private struct Message: Equatable {
        let type: String
        let sequence: Int
        let data: String

        init(_ text: String) throws {
            let value = try #require(
                try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
            type = try #require(value["type"] as? String)
            sequence = try #require(value["seq"] as? Int)
            let data = try #require(value["data"])
            self.data = String(
                decoding: try JSONSerialization.data(withJSONObject: data, options: .sortedKeys), as: UTF8.self)
        }
    }

    /// A follower of the diagnosis.
    private final class Follower {
        private let scene: Scene
        private let token: String
        private var socket: RawWebSocket
        private var last: Int
        /// What it heard when it first connected, up to the last message that was replayed.
        let beginning: [Message]

        init(_ scene: Scene, _ token: String, since: Int? = nil) throws {
            (self.scene, self.token) = (scene, token)
            (socket, beginning) = try Self.connect(scene, token, since: since)
            last = beginning[0].sequence
        }

        private static func connect(
            _ scene: Scene, _ token: String, since: Int?
        ) throws -> (RawWebSocket, [Message]) {
            let socket = try scene.follow(token, since: since)
            let connect = try Message(try socket.read().text)
            let replayed = try #require(connect.data.firstMatch(of: /[0-9]+/).flatMap { Int($0.0) })
            return (socket, try [connect] + (0..<replayed).map { _ in try Message(try socket.read().text) })
        }

        /// All that came since the last time, and the answer to a ping.
        func messages() throws -> [Message] {
            try messages(asking: #"{"type":"ping"}"#) { $0.last?.type == "pong" }
        }

        /// So many messages, once they come.
        func next(_ count: Int) throws -> [Message] { try messages { $0.count >= count } }

        /// A machine so busy that pings were not answered in time has it reconnect.
        private func messages(asking: String? = nil, until isAll: ([Message]) -> Bool) throws -> [Message] {
            var messages: [Message] = []
            func ask() { if let asking { socket.send(RawWebSocket.frame(1, Array(asking.utf8))) } }
            ask()
            while !isAll(messages) {
                let frame = try? socket.read()
                switch frame?.opcode {
                case 1:
                    messages.append(try Message(frame?.text ?? ""))
                    last = messages.last?.sequence ?? last
                case 9: socket.send(RawWebSocket.frame(10, frame?.payload ?? []))
                default:
                    let (socket, missed) = try Self.connect(scene, token, since: last)
                    self.socket = socket
                    messages += missed.dropFirst()
                    last = messages.last?.sequence ?? last
                    ask()
                }
            }
            return messages
        }
    }

    /// What new connections hear, from nowhere and from numbers that nobody was told.
    private func beginnings(_ scene: Scene) throws -> [[Message]] {
        try [nil, 0, 1, 1_000_000].map { since in
            let follower = try Follower(scene, scene.patient, since: since)
            return try follower.beginning + follower.messages()
        }
    }

    @Test("nothing that a patient sees tells of another's feedback, edit and withdrawal", .timeLimit(.minutes(30)))
    func othersDoNotShow() async throws {
        let scene = try await Scene()
        let follower = try Follower(scene, scene.patient)
        let colleague = try Follower(scene, scene.staff)
        #expect(follower.beginning.map(\.type) == ["connect"] && colleague.beginning.map(\.type) == ["connect"])
        let before = (patient: try await scene.answers(to: scene.patient), anybody: try await scene.answers(to: nil))
        let beginnings = try beginnings(scene)
        let prediction = try #require(before.patient["/api/predictions/diagnosis/1/predict"])
        #expect(prediction.contains(#""score":0.6"#) && prediction.contains(#""experience":"some""#), "\(prediction)")
        #expect(prediction.contains(#""similar_patients":"most""#), "\(prediction)")
        for exact in ["historical", "confidence", "samples", "successes", #""run_id""#] {
            #expect(!prediction.contains(exact), "\(exact) in \(prediction)")
        }

        func expectTheSame(_ change: String) async throws {
            try await scene.runOften()
            for (token, before) in [(scene.patient, before.patient), (nil, before.anybody)] {
                let after = try await scene.answers(to: token)
                for (path, answer) in before { #expect(after[path] == answer, "\(path) after \(change)") }
            }
            for (now, before) in zip(try self.beginnings(scene), beginnings) {
                #expect(now == before, "after \(change)")
            }
            let heard = try follower.messages()
            #expect(heard.map(\.type) == ["pong"] && heard.map(\.sequence) == beginnings[0].suffix(1).map(\.sequence))
        }
        var ids: [Int] = []
        for _ in 0..<16 {
            let given = try await scene.write(
                "POST", "/api/feedback/submit", scene.other, json: #"{"recommendation_id":3,"rating":1}"#)
            ids.append(try #require(given.value("id")))
        }
        try await expectTheSame("submission")
        for id in ids { try await scene.write("PUT", "/api/feedback/\(id)", scene.other, json: #"{"rating":2}"#) }
        try await expectTheSame("edit")
        try await scene.write("DELETE", "/api/feedback/\(try #require(ids.first))", scene.other)
        try await expectTheSame("withdrawal")

        // Staff see all of it at once.
        #expect(
            try colleague.messages().contains { $0.type == "recommendation_update" })
        let exact = try await scene.ask("GET", "/api/analytics/herb/saffron", scene.staff)
        #expect(exact.value("figures", "windows", "all", "samples") == 24 + 1 + 15, "\(exact.body)")

        // The first run of the next day moves it.
        let run = try await scene.clinic.shell("faketime '+1 day' \"$BINARY\" run feedback -q")
        #expect(run.status == 0, "\(run.errors)")
        let moved = try await scene.ask("GET", "/api/predictions/diagnosis/1/predict", scene.patient)
        #expect(
            "200 \(moved.body)" != prediction && !moved.body.contains(#""similar_patients":"most""#), "\(moved.body)")
        let update = try #require(try follower.next(1).first)
        #expect(update.type == "recommendation_update" && update.data.contains(#""ranking_total":2"#))
        for exact in ["historical", "confidence", "samples", "reasoning"] { #expect(!update.data.contains(exact)) }
    }

    @Test("a patient's own feedback is exact and live, without a run", .timeLimit(.minutes(30)))
    func ownFeedbackIsLive() async throws {
        let scene = try await Scene()
        let follower = try Follower(scene, scene.patient)
        let runs = try await scene.clinic.shell("avicenna runs --format csv").output
        let before = try await scene.ask("GET", "/api/predictions/diagnosis/1/predict", scene.patient)
        let given = try await scene.write(
            "POST", "/api/feedback/submit", scene.patient, json: #"{"recommendation_id":1,"rating":1}"#)
        let id: Int = try #require(given.value("id"))
        func figures() async throws -> (samples: Int?, successes: Int?) {
            let answer = try await scene.ask("GET", "/api/recommendation/1/effectiveness", scene.patient)
            #expect(!answer.body.contains("adjusted"))
            return (
                answer.value("figures", "windows", "30", "samples"),
                answer.value("figures", "windows", "30", "successes")
            )
        }
        func expect(_ counts: (old: String, new: String), _ change: String) throws {
            let heard = try follower.next(2)
            #expect(heard.map(\.type) == ["feedback_update", "effectiveness_update"], "\(change)")
            let data = try #require(heard.first { $0.type == "effectiveness_update" }).data
            #expect(data.contains(#""all":{"new":\#(counts.new),"old":\#(counts.old)}"#), "\(change): \(data)")
        }
        let (one, two) = (
            #"{"effectiveness":1,"samples":1,"successes":1}"#, #"{"effectiveness":0.5,"samples":2,"successes":1}"#
        )
        #expect(try await figures() == (2, 1))
        try expect((one, two), "submission")
        try await scene.write("PUT", "/api/feedback/\(id)", scene.patient, json: #"{"rating":5}"#)
        try expect((two, #"{"effectiveness":1,"samples":2,"successes":2}"#), "edit")
        // Nothing of the effectiveness changes with a comment.
        try await scene.write("PUT", "/api/feedback/\(id)", scene.patient, json: #"{"rating":5,"comment":"x"}"#)
        #expect(try follower.next(1).map(\.type) == ["feedback_update"])
        try await scene.write("DELETE", "/api/feedback/\(id)", scene.patient)
        try expect((#"{"effectiveness":1,"samples":2,"successes":2}"#, one), "withdrawal")
        #expect(try await figures() == (1, 1))
        #expect(
            try await scene.ask("GET", "/api/predictions/diagnosis/1/predict", scene.patient).body == before.body)
        // Where feedback called for a run, it told the patient nothing more.
        #expect(!runs.isEmpty)
        try await scene.runOften()
        #expect(try follower.messages().map(\.type) == ["pong"])
    }
}
