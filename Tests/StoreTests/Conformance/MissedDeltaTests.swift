import Domain
import Store
import TestSupport
import Testing

/// What a follower missed is read in parts up to the delta that was the newest at first, or is the whole state.
@Suite(.timeLimit(.minutes(30))) struct MissedDeltaTests {
    private let folder: TemporaryFolder
    private let now = instant("2026-10-20T12:00:00Z")
    private let diagnosis = DiagnosisID(rawValue: 2)
    private static let clinic = TestClinic.random(
        1, patients: 3, recommendations: 5, feedback: 5, until: day("2026-01-01"))

    init() throws { folder = try TemporaryFolder() }

    private func commit(
        _ json: String, to diagnosis: DiagnosisID? = nil, by writer: any BroadcastWriter
    ) throws {
        _ = try writer.commit(
            [
                Broadcast(
                    diagnosis: diagnosis ?? self.diagnosis, kind: .feedback, data: json,
                    requester: Requester(subject: "lab", role: .service, patient: nil), request: "r")
            ], at: now)
    }

    @Test("what is committed between two parts is not part of them", arguments: StorageEngine.all)
    func laterDeltas(engine: StorageEngine) throws {
        let database = try engine.open(with: Self.clinic, in: folder)
        let writer = try database.broadcastWriter()
        func broadcast(_ count: Int) throws {
            for _ in 0..<count { try commit("{\"x\":1}", by: writer) }
        }
        try broadcast(5)
        let first = try database.missed(of: diagnosis, after: 0, upTo: nil, limit: 100, bytes: 10)
        #expect(first.deltas?.map(\.sequence) == [1, 2] && first.count == 5 && first.last == 5 && first.hasMore)
        try broadcast(200)
        let second = try database.missed(of: diagnosis, after: 2, upTo: first.last, limit: 100, bytes: 1000)
        #expect(second.deltas?.map(\.sequence) == [3, 4, 5] && second.last == 5 && !second.hasMore)
    }

    @Test(
        "numbers of other diagnoses and of the clinic give the state, like any unknown number",
        arguments: StorageEngine.all)
    func foreignNumbers(engine: StorageEngine) throws {
        let database = try engine.open(with: Self.clinic, in: folder)
        let writer = try database.broadcastWriter()
        try commit("{\"x\":1}", by: writer)
        let own = try database.latestSequence(of: diagnosis, for: .patient)
        for _ in 0..<3 { try commit("{\"x\":1}", to: DiagnosisID(rawValue: 1), by: writer) }
        #expect(try database.latestSequence(of: diagnosis, for: .patient) == own)
        for number in own + 1...own + 5 {
            let part = try database.missed(
                of: diagnosis, for: .patient, after: number, upTo: nil, limit: 5, bytes: 1)
            #expect(part.state != nil && part.last == own, "after \(number)")
        }
    }

    @Test("the state is given where there are too many deltas, or where some are gone", arguments: StorageEngine.all)
    func states(engine: StorageEngine) throws {
        let database = try engine.open(with: Self.clinic, in: folder)
        let writer = try database.broadcastWriter()
        for _ in 0..<6 { try commit("{\"x\":1}", by: writer) }
        func part(after sequence: Int64, upTo last: Int64? = nil, limit: Int) throws -> MissedPart {
            try database.missed(of: diagnosis, after: sequence, upTo: last, limit: limit, bytes: 1)
        }
        #expect(try part(after: 0, limit: 6).deltas?.count == 1)
        let state = try part(after: 0, limit: 5)
        #expect(state.deltas == nil && state.state != nil && state.count == 0 && state.last == 6 && !state.hasMore)
        // The database was replaced by an older one.
        #expect(try part(after: 9, limit: 5).state != nil)
        #expect(try part(after: 3, upTo: 9, limit: 5).state != nil)
        // Pruned between two parts.
        #expect(try database.prune(before: day("2026-10-21"), in: .utc).deltas == 5)
        #expect(try part(after: 2, upTo: 6, limit: 5).state != nil)
        #expect(try part(after: 5, upTo: 6, limit: 5).deltas?.map(\.sequence) == [6])
    }
}
