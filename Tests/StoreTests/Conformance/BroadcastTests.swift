import Domain
import Store
import TestSupport
import Testing

extension Broadcast {
    /// A message of a service about a diagnosis.
    init(_ text: String, to diagnosis: Int64) {
        self.init(
            diagnosis: DiagnosisID(rawValue: diagnosis), kind: .feedback, data: "{\"text\":\"\(text)\"}",
            requester: Requester(subject: "lab\0", role: .service, patient: nil), request: "request \(text)")
    }

    /// The clinic that tests of broadcasts send messages to.
    static let clinic = TestClinic.random(
        1, patients: 3, recommendations: 3, feedback: 3, until: day("2026-01-01"))

    /// When messages of tests are sent.
    static let now = Instant(microseconds: 1_790_000_000_000_000)
}

/// What other programs have us tell is committed whole and in order, with entries in the audit log.
@Suite(.timeLimit(.minutes(30))) struct BroadcastTests {
    private let folder: TemporaryFolder
    private let now = Broadcast.now

    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: StorageEngine.all) func broadcastsAreNumberedInTheirOrder(engine: StorageEngine) throws {
        let database = try engine.open(with: Broadcast.clinic, in: folder)
        let writer = try database.broadcastWriter()
        #expect(try writer.commit([], at: now) == [])
        #expect(try writer.commit([Broadcast("a", to: 1)], at: now) == [1])
        #expect(try writer.commit([Broadcast("nobody", to: 77)], at: now) == [nil])
        let several = [Broadcast("b", to: 2), Broadcast("nobody", to: 77), Broadcast("c", to: 1)]
        #expect(try writer.commit(several, at: now) == [2, nil, 3])
        let expected = [(1, 1, "a"), (2, 2, "b"), (3, 1, "c")].map { sequence, diagnosis, text in
            Delta(
                sequence: sequence, diagnosis: DiagnosisID(rawValue: diagnosis), at: now,
                change: .broadcast(.feedback, json: "{\"text\":\"\(text)\"}"))
        }
        #expect(try database.deltas() == expected)
        let page = try database.outbox(after: 0, limit: 10) { $0.rawValue == 1 }
        #expect(page.deltas.map(\.sequence) == [1, 3] && page.last == 3)
    }

    @Test("entries of broadcasts follow those of other connections", arguments: StorageEngine.all)
    func entriesAreChained(engine: StorageEngine) throws {
        let database = try engine.open(with: Broadcast.clinic, in: folder)
        let writer = try database.broadcastWriter()
        for round in 0..<3 {
            _ = try writer.commit([Broadcast("a", to: 1), Broadcast("b", to: 2)], at: now)
            try database.revoke(.token(id: "t\(round)"), at: now)
            _ = try database.broadcastWriter().commit([Broadcast("c", to: 1)], at: now)
        }
        let report = try database.auditReport(against: nil)
        #expect(report.problems == [] && report.entries == 1 + 12)
    }

    @Test("broadcasts that were pruned are not missed", arguments: StorageEngine.all)
    func prunedBroadcasts(engine: StorageEngine) throws {
        let database = try engine.open(with: Broadcast.clinic, in: folder)
        let three = [Broadcast("a", to: 1), Broadcast("b", to: 2), Broadcast("c", to: 1)]
        _ = try database.broadcastWriter().commit(three, at: now)
        #expect(try database.prune(before: day("2026-12-01"), in: .utc).deltas == 2)
        #expect(try database.auditReport(against: nil).problems == [])
    }
}
