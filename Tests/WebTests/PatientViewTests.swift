import Domain
import HTTPTypes
import NIOCore
import NIOEmbedded
import Relay
import TestSupport
import Testing

@testable import Web

/// What a patient sees does not tell what another patient does: nothing moves before the first run of the next day.
@Suite(.timeLimit(.minutes(10))) struct PatientViewTests {
    /// A clinic with two patients of one treatment, and others enough for scores to show.
    private let api: TestAPI
    private let loop = NIOAsyncTestingEventLoop()
    private let patient: String
    private let other: String
    private let staff: String

    init() async throws {
        api = try await TestAPI(on: loop) { settings in
            settings.feedbackTrigger = 2
            settings.minimumSamples = 1
        }
        patient = try await api.token(.patient, patient: 1)
        other = try await api.token(.patient, patient: 2)
        staff = try await api.token(.clinician)
    }

    // MARK: What is seen

    /// A message of the relay without the time at which it was made.
    private struct Message: Equatable {
        let type: String
        let sequence: Int64
        let data: JSON

        init(_ text: String) throws {
            let message = try JSONDocument(Array(text.utf8), limits: JSONLimits(bytes: 1 << 20)).value
            type = try #require(message["type"]?.string)
            sequence = try #require(message["seq"]?.wholeNumber)
            data = try #require(message["data"])
        }
    }

    /// A follower of diagnosis 1.
    private struct Follower {
        private let channel: NIOAsyncTestingChannel
        /// What it heard when it connected, up to the last message that was replayed.
        let beginning: [Message]

        init(_ api: TestAPI, on loop: NIOAsyncTestingEventLoop, _ token: String, since: Int64? = nil) async throws {
            let channel = NIOAsyncTestingChannel(loop: loop)
            try await channel.connect(to: SocketAddress(ipAddress: "192.0.2.1", port: 1)).get()
            let request = FollowRequest(
                diagnosis: DiagnosisID(rawValue: 1), token: token, since: since, address: .unspecified)
            let relay = api.relay
            try await loop.submit { try relay.follow(request, on: channel) }.get()
            self.channel = channel
            let connect = try await Self.message(channel)
            let replayed = Int(try #require(connect.data["replayed"]?.wholeNumber))
            beginning = try await [connect] + Self.messages(channel, replayed)
        }

        private static func message(_ channel: NIOAsyncTestingChannel) async throws -> Message {
            var next: ByteBuffer?
            try await waitUntil("a message comes", timeout: .seconds(60)) {
                await channel.testingEventLoop.run()
                next = try await channel.readOutbound(as: ByteBuffer.self)
                return next != nil
            }
            let frame = try #require(next)
            // All of these messages are short: their length is in the second byte, or in the two after it.
            let isLonger = frame.getInteger(at: frame.readerIndex + 1, as: UInt8.self) == 126
            return try Message(String(decoding: frame.readableBytesView.dropFirst(isLonger ? 4 : 2), as: UTF8.self))
        }

        private static func messages(_ channel: NIOAsyncTestingChannel, _ count: Int) async throws -> [Message] {
            var messages: [Message] = []
            while messages.count < count { messages.append(try await message(channel)) }
            return messages
        }

        /// All that came since the last time, and the answer to a ping.
        func messages() async throws -> [Message] {
            let ping = RawWebSocket.frame(1, Array(#"{"type":"ping"}"#.utf8))
            try await channel.writeInbound(ByteBuffer(bytes: ping))
            var messages: [Message] = []
            while messages.last?.type != "pong" { messages.append(try await Self.message(channel)) }
            return messages
        }

        /// So many messages, once they come.
        func next(_ count: Int) async throws -> [Message] { try await Self.messages(channel, count) }

        func leave() async throws { try await channel.close().get() }
    }

    private func follower(_ token: String, since: Int64? = nil) async throws -> Follower {
        try await Follower(api, on: loop, token, since: since)
    }

    /// All answers to questions about the first patient's records, and about names, by what was asked.
    private func answers(to token: String?) async throws -> [String: String] {
        var answers: [String: String] = [:]
        func ask(_ method: HTTPRequest.Method, _ path: String, json: String? = nil) async throws {
            let answer = try await api.ask(method, path, token, json: json)
            // Each problem has the id of its request.
            let body = answer.body.replacing(/"request_id":"[^"]*"/, with: "")
            answers[path] = "\(answer.status) \(body)"
        }
        for path in try await api.get("/openapi.json")["paths"]?.members ?? [] where path.value["get"] != nil {
            for name in path.name.contains("{name}") ? ["saffron", "insomnia"] : [""] {
                let asked = path.name.replacing("{id}", with: "1").replacing("{recommendation_id}", with: "1")
                    .replacing("{name}", with: name)
                try await ask(.get, asked)
            }
        }
        for level in ["conservative", "aggressive"] {
            try await ask(.get, "/api/predictions/diagnosis/1/optimize?level=\(level)")
        }
        try await ask(.post, "/api/predictions/batch/predict", json: #"{"diagnosis_ids":[1]}"#)
        #expect(answers.count > 20)
        return answers
    }

    /// What new connections hear, from nowhere and from numbers that nobody was told.
    private func beginnings() async throws -> [[Message]] {
        var beginnings: [[Message]] = []
        for since in [nil, 0, 1, 1_000_000] as [Int64?] {
            let follower = try await follower(patient, since: since)
            beginnings.append(try await follower.beginning + follower.messages())
            try await follower.leave()
        }
        return beginnings
    }

    // MARK: What happens

    /// Writes feedback, which may call for a run.
    @discardableResult
    private func write(
        _ method: HTTPRequest.Method, _ path: String, _ token: String, json: String? = nil
    ) async throws -> JSON {
        let answer = try await api.ask(method, path, token, json: json)
        #expect((200...201).contains(answer.status), "\(answer.body)")
        return answer.json
    }

    /// Computes what new feedback calls for, and runs the job by hand.
    private func runOften() async throws {
        try await write(.post, "/api/analytics/calculate/3", staff)
        try await api.run()
    }

    /// Runs the relay while `body` runs.
    private func whileFollowing(_ body: () async throws -> Void) async throws {
        let following = Task { [relay = api.relay] in try await relay.run() }
        defer { following.cancel() }
        try await body()
    }

    @Test("nothing that a patient sees tells of another's feedback, edit and withdrawal")
    func othersDoNotShow() async throws {
        try await whileFollowing {
            let (own, colleague) = (try await follower(patient), try await follower(staff))
            #expect(own.beginning.map(\.type) == ["connect"] && colleague.beginning.map(\.type) == ["connect"])
            let before = (patient: try await answers(to: patient), anybody: try await answers(to: nil))
            let beginnings = try await beginnings()
            let prediction = try #require(before.patient["/api/predictions/diagnosis/1/predict"])
            #expect(prediction.contains(#""score":0.6"#) && prediction.contains(#""experience":"some""#))
            #expect(prediction.contains(#""similar_patients":"most""#), "\(prediction)")
            for exact in ["historical", "confidence", "samples", "successes", #""run_id""#] {
                #expect(!prediction.contains(exact), "\(exact) in \(prediction)")
            }

            func expectTheSame(_ change: String) async throws {
                try await runOften()
                for (token, before) in [(patient, before.patient), (nil, before.anybody)] {
                    let after = try await answers(to: token)
                    for (path, answer) in before { #expect(after[path] == answer, "\(path) after \(change)") }
                }
                #expect(try await self.beginnings() == beginnings, "after \(change)")
                let heard = try await own.messages()
                #expect(heard.map(\.type) == ["pong"])
                #expect(heard.map(\.sequence) == beginnings[0].suffix(1).map(\.sequence))
            }
            var ids: [Int64] = []
            for _ in 0..<16 {
                let given = try await write(
                    .post, "/api/feedback/submit", other, json: #"{"recommendation_id":3,"rating":1}"#)
                ids.append(try #require(given["id"]?.wholeNumber))
            }
            try await expectTheSame("submission")
            for id in ids { try await write(.put, "/api/feedback/\(id)", other, json: #"{"rating":2}"#) }
            try await expectTheSame("edit")
            try await write(.delete, "/api/feedback/\(try #require(ids.first))", other)
            try await expectTheSame("withdrawal")

            // Staff see all of it at once.
            #expect(try await colleague.messages().contains { $0.type == "recommendation_update" })
            let exact = try await api.get("/api/analytics/herb/saffron", staff)
            #expect(exact["figures"]?["windows"]?["all"]?["samples"] == 40)

            // The first run of the next day moves it.
            api.clock.advance(seconds: 86_400)
            try await api.run()
            let moved = try await api.ask(.get, "/api/predictions/diagnosis/1/predict", patient)
            #expect("200 \(moved.body)" != prediction && !moved.body.contains(#""similar_patients":"most""#))
            let update = try #require(try await own.next(1).first)
            #expect(update.type == "recommendation_update" && update.data["ranking_total"] == 2)
            for exact in ["historical", "confidence", "samples", "reasoning"] {
                #expect(!"\(update.data)".contains(exact))
            }
        }
    }

    @Test("a patient's own feedback is exact and live, without a run")
    func ownFeedbackIsLive() async throws {
        try await whileFollowing {
            let follower = try await follower(patient)
            let path = "/api/predictions/diagnosis/1/predict"
            let before = try await api.get(path, patient)
            func figures() async throws -> [Int64?] {
                let answer = try await api.ask(.get, "/api/recommendation/1/effectiveness", patient)
                #expect(!answer.body.contains("adjusted"))
                let month = answer.json["figures"]?["windows"]?["30"]
                return [month?["samples"]?.wholeNumber, month?["successes"]?.wholeNumber]
            }
            func expect(_ old: JSON, _ new: JSON, _ change: String) async throws {
                let heard = try await follower.next(2)
                #expect(heard.map(\.type) == ["feedback_update", "effectiveness_update"], "\(change)")
                #expect(heard[1].data["windows"]?["all"] == ["old": old, "new": new], "\(change)")
            }
            func counts(_ samples: Int, _ successes: Int) -> JSON {
                [
                    "samples": JSON(samples), "successes": JSON(successes),
                    "effectiveness": .number(Double(successes) / Double(samples)),
                ]
            }
            let given = try await write(
                .post, "/api/feedback/submit", patient, json: #"{"recommendation_id":1,"rating":1}"#)
            let id = try #require(given["id"]?.wholeNumber)
            #expect(try await figures() == [2, 1])
            try await expect(counts(1, 1), counts(2, 1), "submission")
            try await write(.put, "/api/feedback/\(id)", patient, json: #"{"rating":5}"#)
            try await expect(counts(2, 1), counts(2, 2), "edit")
            // Nothing of the effectiveness changes with a comment.
            try await write(.put, "/api/feedback/\(id)", patient, json: #"{"rating":5,"comment":"x"}"#)
            #expect(try await follower.next(1).map(\.type) == ["feedback_update"])
            try await write(.delete, "/api/feedback/\(id)", patient)
            try await expect(counts(2, 2), counts(1, 1), "withdrawal")
            #expect(try await figures() == [1, 1])
            #expect(try await api.get(path, patient) == before)
            // Where feedback called for a run, it told the patient nothing more.
            try await runOften()
            #expect(try await follower.messages().map(\.type) == ["pong"])
        }
    }
}
