import Domain
import Foundation
import GRDB
import Testing
import TestSupport

@testable import Store
@testable import StoreSQLite

/// Broadcasts are committed on a connection that is ready for them, and what was changed past the program is found.
@Suite(.timeLimit(.minutes(30))) struct BroadcastConnectionTests {
    private let folder: TemporaryFolder
    private let database: SQLiteDatabase
    private let now = Broadcast.now

    init() throws {
        folder = try TemporaryFolder()
        database = try SQLiteDatabase(in: folder, with: Broadcast.clinic)
    }

    private func outbox() throws -> [String] {
        try database.read {
            try String.fetchAll($0, sql: "SELECT seq || ' ' || diagnosis_id || ' ' || data || ' ' || at FROM deltas")
        }
    }

    /// Has the table refuse messages that are bad.
    private func refuseBadMessages() throws {
        try database.write {
            try $0.execute(
                sql: """
                    CREATE TRIGGER refuse BEFORE INSERT ON deltas WHEN NEW.data LIKE '%bad%' BEGIN
                        SELECT RAISE(ABORT, 'refused');
                    END
                    """)
        }
    }

    @Test func allOfThemAreCommittedOrNone() throws {
        let writer = try database.broadcastWriter()
        try refuseBadMessages()
        #expect(throws: StoreError.self) {
            try writer.commit([Broadcast("a", to: 1), Broadcast("bad", to: 1), Broadcast("b", to: 2)], at: now)
        }
        #expect(throws: StoreError.self) { try writer.commit([Broadcast("bad", to: 1)], at: now) }
        #expect(try outbox().isEmpty)
        // What was refused takes no number, and stands in nobody's way.
        #expect(try writer.commit([Broadcast("a", to: 1), Broadcast("b", to: 2)], at: now) == [1, 2])
    }

    @Test func theLogIsAsLongAsItGetsBeforeTheFirstBroadcast() throws {
        func length() throws -> Int {
            try #require(
                try FileManager.default.attributesOfItem(atPath: folder.path("clinic.db-wal"))[.size] as? Int)
        }
        let before = try (length(), FileManager.default.contents(atPath: folder.path("clinic.db")))
        let writer = try database.broadcastWriter()
        let grown = try length()
        #expect(before.0 < 1_000_000 && grown > 1000 * 4096)
        // Nothing of it counts.
        #expect(FileManager.default.contents(atPath: folder.path("clinic.db")) == before.1)
        #expect(try outbox().isEmpty && database.latestSequence() == 0)
        for number in 1...1000 { #expect(try writer.commit([Broadcast("a", to: 1)], at: now) == [Int64(number)]) }
        #expect(try length() < grown + 1_000_000)
    }

    @Test func whoWritesMeanwhileIsNotWaitedForAtTheBeginning() throws {
        let start = ContinuousClock.now
        let writer = try database.write { _ in try database.broadcastWriter() }
        #expect(ContinuousClock.now - start < .seconds(5))
        #expect(try writer.commit([Broadcast("a", to: 1)], at: now) == [1])
    }

    @Test func whereThereIsNoDatabaseThereIsNoWriter() throws {
        let path = folder.path("gone.db")
        #expect(throws: StoreError.self) { try BroadcastConnection(to: path) }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    // MARK: The audit log

    private func entries() throws -> [String] {
        try database.read {
            try String.fetchAll(
                $0,
                sql: """
                    SELECT at || ' ' || hex(subject) || ' ' || role || ' ' || request || ' ' || record_id || ' ' || after
                    FROM audit WHERE action = 'broadcast.send' ORDER BY audit_id
                    """)
        }
    }

    @Test("each broadcast has an entry in the audit log")
    func broadcastsHaveEntries() throws {
        let writer = try database.broadcastWriter()
        _ = try writer.commit([Broadcast("a", to: 1), Broadcast("nobody", to: 77), Broadcast("b", to: 2)], at: now)
        // SHA-256 of {"text":"a"} and {"text":"b"}.
        let digests = [
            "6193c97585a0f731ce7b500bb69d2476816afb14c8d95ac8e6e865f680e9e438",
            "7b8de1c2be81d629aaac41de6be74133f8c90b9747098a3fc1a7adc9274cb35e",
        ]
        #expect(
            try entries()
                == [(1, "a", 1), (2, "b", 2)].map { sequence, text, diagnosis in
                    """
                    \(now.microseconds) 6C616200 service request \(text) \(sequence) {"diagnosis_id":\(diagnosis),\
                    "type":"feedback_update","sha256":"\(digests[sequence - 1])"}
                    """
                })
        #expect(try database.auditReport(against: nil).problems == [])
    }

    @Test("a broadcast that was rolled back has no entry")
    func rolledBackBroadcasts() throws {
        let writer = try database.broadcastWriter()
        try refuseBadMessages()
        #expect(throws: StoreError.self) {
            try writer.commit([Broadcast("a", to: 1), Broadcast("bad", to: 1)], at: now)
        }
        #expect(throws: StoreError.self) { try writer.commit([Broadcast("bad", to: 1)], at: now) }
        _ = try writer.commit([Broadcast("a", to: 1)], at: now)
        #expect(try entries().count == 1)
        #expect(try database.auditReport(against: nil).problems == [])
    }

    @Test(
        "a broadcast that was changed, moved, deleted or unsigned is found",
        arguments: [
            "UPDATE deltas SET data = '{}' WHERE seq = 2", "UPDATE deltas SET diagnosis_id = 3 WHERE seq = 2",
            "UPDATE deltas SET type = 'recommendation_update' WHERE seq = 1",
            "UPDATE deltas SET at = at + 1 WHERE seq = 1", "DELETE FROM deltas WHERE seq = 1",
            "DELETE FROM audit WHERE action = 'broadcast.send'",
            "UPDATE audit SET subject = 'other' WHERE action = 'broadcast.send'",
        ])
    func manipulations(_ manipulation: String) throws {
        _ = try database.broadcastWriter().commit([Broadcast("a", to: 1), Broadcast("b", to: 2)], at: now)
        try database.write { try $0.execute(sql: manipulation) }
        #expect(try database.auditReport(against: nil).problems != [])
    }
}
