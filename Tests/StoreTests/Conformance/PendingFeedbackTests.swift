import Domain
import Store
import TestSupport
import Testing

/// What was written since results were published.
@Suite(.timeLimit(.minutes(30))) struct PendingFeedbackTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private let noon = Orders.noon
    private let today = day("2026-10-20")

    @Test("feedback is pending until effectiveness of its day is published", arguments: StorageEngine.all)
    func pending(engine: StorageEngine) async throws {
        let database = try engine.open(with: Orders.clinic, in: folder)
        func pending(upTo day: Day? = nil) throws -> PendingFeedback {
            try database.pendingFeedback(upTo: day ?? today, in: .utc)
        }
        #expect(try pending() == PendingFeedback(feedback: 1, recommendations: 1, mostOnOne: 1))
        #expect(try pending(upTo: today - 1).feedback == 0)
        #expect(try database.publishedVersion() == nil)
        _ = try await publish(asOf: today, in: database)
        #expect(try pending() == PendingFeedback(feedback: 0, recommendations: 0, mostOnOne: 0))
        try database.write(.submit([draft(1), draft(1), draft(2)]), by: .admin)
        #expect(try pending() == PendingFeedback(feedback: 3, recommendations: 2, mostOnOne: 2))
        // An edit of published feedback, and the withdrawal of pending feedback, are pending.
        try database.write(.edit(FeedbackID(rawValue: 1), judgement(1)), by: .admin)
        try database.write(.withdraw(FeedbackID(rawValue: 4)), by: .admin)
        #expect(try pending() == PendingFeedback(feedback: 4, recommendations: 2, mostOnOne: 3))
        _ = try await publish(asOf: today, in: database)
        #expect(try pending().feedback == 0)
    }

    @Test("the published version is that of the records it was computed from", arguments: StorageEngine.all)
    func publishedVersion(engine: StorageEngine) async throws {
        let database = try engine.open(with: Orders.clinic, in: folder)
        _ = try await publish(asOf: today, in: database)
        let version = try database.clinic(asOf: today, in: .utc).version
        let published = try #require(try database.publishedVersion())
        #expect(published.asOf == today && published.clinic == version)
        try database.write(.submit([draft(1)]))
        #expect(try database.publishedVersion() == published)
        #expect(try database.clinic(asOf: today, in: .utc).version != version)
    }

    @Test("changes since a version are the writes through the API, in order", arguments: StorageEngine.all)
    func changes(engine: StorageEngine) throws {
        let database = try engine.open(with: Orders.clinic, in: folder)
        let version = try database.clinic(asOf: today, in: .utc).version
        #expect(try database.changes(after: version, limit: 9).changes == [])
        try database.write(.addPatients([newPatient(7)]), by: .admin)
        try database.write(.submit([draft(1, 5)]))
        try database.write(.edit(FeedbackID(rawValue: 2), judgement(2)))
        let (patient, feedback) = try database.readClinic { records, _ in
            try (records.patient(PatientID(rawValue: 7)), records.feedback(FeedbackID(rawValue: 2)))
        }
        // Each is as it is now.
        let (first, second) = (try #require(patient), try #require(feedback))
        let (changes, newest) = try database.changes(after: version, limit: 3)
        #expect(changes == [.patient(first), .feedback(second), .feedback(second)])
        #expect(second.rating == Rating(2))
        #expect(try database.changes(after: version, limit: 2).changes == nil)
        #expect(try database.changes(after: newest, limit: 0).changes == [])
        #expect(try database.clinic(asOf: today, in: .utc).version == newest)
        // After an import the clinic must be read anew.
        try TestClinic.writeOtherSource(to: database, at: noon)
        #expect(try database.changes(after: newest, limit: 9).changes == nil)
    }

    @Test("the first day is that of the earliest record", arguments: StorageEngine.all)
    func firstDay(engine: StorageEngine) throws {
        let database = try engine.open(in: folder)
        #expect(try database.firstDay(ifAfter: day("2000-01-01"), in: .utc) == nil)
        try Orders.clinic.write(to: database)
        #expect(try database.firstDay(ifAfter: day("2000-01-01"), in: .utc) == day("2026-10-01"))
        #expect(try database.firstDay(ifAfter: day("2026-10-01"), in: .utc) == nil)
    }
}
