import Access
import Configuration
import Domain
import Store
import TestSupport
import Testing

@testable import Relay

/// How a client begins to follow a diagnosis, what it gets, and how it ends.
@Suite(.timeLimit(.minutes(5))) struct ConnectionTests {
    private let test: TestRelay
    private var first: DiagnosisID { InMemoryOutbox.first }

    init() async throws {
        test = try await TestRelay()
    }

    private func close(_ code: Int, _ reason: String) -> TestClient.Close { .init(code: code, reason: reason) }

    private func expectRefused(
        _ client: TestClient, _ reason: String, counted name: String, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        #expect(
            try await client.close(sourceLocation: sourceLocation) == close(1008, reason),
            sourceLocation: sourceLocation)
        #expect(test.refusals(name) > 0, sourceLocation: sourceLocation)
        #expect(!test.relay.admissions.contains(first), sourceLocation: sourceLocation)
    }

    // MARK: Who may

    @Test("first says where the diagnosis is, whatever happened to others")
    func connect() async throws {
        test.outbox.commit(.numbered(1), of: first)
        test.outbox.commit(.numbered(2), of: InMemoryOutbox.second)
        let text = try await test.client().frame().text
        #expect(
            text
                == #"{"type":"connect","diagnosis_id":1,"seq":1,"epoch":"0000000000000000","at":"2026-10-20T09:00:00Z","#
                + #""data":{"replayed":0}}"#)
        #expect(test.relay.admissions.snapshot.byDiagnosis == [first: 1])
    }

    @Test("lets staff and programs follow any diagnosis, and a patient their own", arguments: Role.allCases)
    func roles(role: Role) async throws {
        let token = try await test.token(role, patient: role == .patient ? 1 : nil)
        _ = try await test.follower(token: token)
        guard role == .patient else {
            _ = try await test.follower(InMemoryOutbox.second, token: token)
            return
        }
        // Those of others and those that do not exist look the same.
        for diagnosis in [InMemoryOutbox.second, DiagnosisID(rawValue: 99)] {
            let client = try await test.client(diagnosis, token: token)
            #expect(try await client.close() == close(1008, "the token does not allow this"))
        }
        #expect(test.refusals("forbidden") == 2)
    }

    @Test("tells staff that a diagnosis does not exist")
    func unknownDiagnosis() async throws {
        let client = try await test.client(DiagnosisID(rawValue: 99))
        try await expectRefused(client, "there is no diagnosis 99", counted: "unknown")
    }

    @Test("refuses tokens that are missing, not valid, expired or revoked, with the reason")
    func invalidTokens() async throws {
        try await expectRefused(try await test.client(token: ""), "a token is needed", counted: "missing")
        try await expectRefused(try await test.client(token: "x.y.z"), "the token is not valid", counted: "invalid")
        let token = try await test.token(lifetime: 60)
        test.outbox.revoke(.token(id: "1"), at: test.clock.now)
        _ = try test.authenticator.readRevocations()
        try await expectRefused(try await test.client(token: token), "the token was revoked", counted: "revoked")
        let old = try await test.token(id: "2", lifetime: 60)
        test.clock.advance(seconds: 91)
        try await expectRefused(try await test.client(token: old), "the token has expired", counted: "expired")
    }

    @Test("turns away who is one too many, until another one has left")
    func noRoom() async throws {
        var limits = Settings.ConnectionLimits()
        limits.perDiagnosis = 2
        let test = try await TestRelay(limits: limits)
        let client = try await test.follower()
        _ = try await test.follower()
        let turnedAway = try await test.client()
        #expect(try await turnedAway.close() == close(1013, "too many connections to this diagnosis"))
        #expect(test.refusals("diagnosis") == 1)
        try await turnedAway.vanish()
        #expect(test.relay.admissions.snapshot.total == 2)
        try await client.vanish()
        _ = try await test.follower()
    }

    @Test("turns clients away while the database cannot be read")
    func unreadableDatabase() async throws {
        test.outbox.fail(true)
        let client = try await test.client()
        #expect(try await client.close() == close(1013, "the database cannot be read now"))
        #expect(test.relay.admissions.snapshot.total == 0)
        test.outbox.fail(false)
        _ = try await test.follower()
    }

    @Test("frees its room when the client leaves while its token is checked")
    func vanishedEarly() async throws {
        for _ in 1...20 { try await test.client().vanish() }
        await test.loop.run()
        #expect(test.relay.admissions.snapshot.total == 0)
        #expect(try await test.onHub { $0.waiting }.isEmpty)
    }

    // MARK: What it gets

    @Test("gets the changes of its diagnosis that are for it, in order and once")
    func audiences() async throws {
        let recommendation = RecommendationID(rawValue: 7)
        let staff = try await test.follower()
        let patient = try await test.follower(token: try await test.token(.patient, patient: 1))
        for change in [
            Delta.Change.ranking([]), .patientRanking([]),
            .effectiveness(recommendation: recommendation, old: nil, new: nil),
            .ownEffectiveness(recommendation: recommendation, old: nil, new: nil), .numbered(5),
        ] { test.outbox.commit(change, of: first) }
        test.outbox.commit(.numbered(6), of: InMemoryOutbox.second)
        try await test.running {
            func received(_ client: TestClient, _ types: [String]) async throws -> [Int64?] {
                var sequences: [Int64?] = []
                for type in types { sequences.append(try await client.message(type)["seq"]?.wholeNumber) }
                return sequences
            }
            let types = ["recommendation_update", "effectiveness_update", "feedback_update"]
            let (forStaff, forPatient) = (try await received(staff, types), try await received(patient, types))
            #expect(forStaff == [1, 3, 5] && forPatient == [2, 4, 5])
        }
    }

    @Test("is cut off where too much waits for it, and others do not notice")
    func slowClient() async throws {
        let (slow, quick) = (try await test.follower(), try await test.follower())
        try await slow.setWritable(false)
        for number in 1...Connection.Limit.waitingMessages { try await test.broadcast(number) }
        #expect(try await slow.frames().isEmpty)
        #expect(try await test.relay.status().queuedByDiagnosis == [first: Connection.Limit.waitingMessages])
        try await test.broadcast(257)
        #expect(try await slow.close() == close(1013, "too many messages wait to be read"))
        #expect(test.relay.counters.slow.load(ordering: .relaxed) == 1)
        #expect(test.relay.admissions.snapshot.total == 1)
        #expect(try await quick.numbers(257) == (1...257).map { $0 })
        // Nothing that waited comes after the close.
        try await slow.setWritable(true)
        try await test.broadcast(258)
        #expect(try await slow.frames().isEmpty)
        #expect(try await quick.numbers(1) == [258])
    }

    @Test("gets what waited once it reads again")
    func pause() async throws {
        let client = try await test.follower()
        try await client.setWritable(false)
        for number in 1...200 { try await test.broadcast(number) }
        try await client.setWritable(true)
        #expect(try await client.numbers(200) == (1...200).map { $0 })
    }

    // MARK: How it ends

    @Test("ends when its token expires, with the leeway for clocks")
    func expiry() async throws {
        let client = try await test.follower(token: try await test.token(lifetime: 20))
        try await test.pass(seconds: 49)
        #expect(try await client.frames().filter { $0.opcode == 8 }.isEmpty)
        try await test.pass(seconds: 1)
        #expect(try await client.close() == close(4001, "the token has expired"))
        #expect(test.relay.admissions.snapshot.total == 0)
    }

    @Test("ends when its token is revoked, and others stay")
    func revocation() async throws {
        let client = try await test.follower(token: try await test.token(subject: "a"))
        let other = try await test.follower(token: try await test.token(subject: "b", id: "2"))
        test.outbox.revoke(.subject("a", issuedUntil: test.clock.now), at: test.clock.now)
        _ = try test.authenticator.readRevocations()
        try await test.pass(seconds: 1)
        #expect(try await client.close() == close(4003, "the token was revoked"))
        try await test.broadcast(1)
        #expect(try await other.numbers(1) == [1])
        #expect(try await client.frames().isEmpty)
    }

    @Test("pings every 30 seconds, and ends after two that were not answered")
    func keepAlive() async throws {
        let (client, silent) = (try await test.follower(), try await test.follower())
        for _ in 1...4 {
            try await test.pass(seconds: 30)
            #expect(try await client.frames() == [.init(opcode: 9, payload: [])])
            try await client.send(RawWebSocket.frame(10))
        }
        let frames = try await silent.frames()
        #expect(frames.map(\.opcode) == [9, 9, 8])
        #expect(frames.last?.closeCode == 1011)
        #expect(frames.last?.text.hasSuffix("no answer to pings") == true)
        #expect(client.isConnected && !silent.isConnected)
    }

    @Test("waits a second for the client's close, and then closes the channel")
    func lingering() async throws {
        let (polite, mute) = (try await test.client(token: "x"), try await test.client(token: "x"))
        for client in [polite, mute] { _ = try await client.close() }
        try await polite.send("ignored")
        #expect(polite.isConnected)
        try await polite.send(RawWebSocket.frame(8, [3, 240]))
        #expect(!polite.isConnected && mute.isConnected)
        await test.loop.advanceTime(by: .milliseconds(999))
        #expect(mute.isConnected)
        await test.loop.advanceTime(by: .milliseconds(1))
        #expect(!mute.isConnected)
        for client in [mute, polite] { #expect(try await client.frames().isEmpty) }
    }
}
