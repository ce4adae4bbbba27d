import Domain
import Foundation
import GRDB
import GRDBSQLite
import Store
import Synchronization

/// Commits broadcasts and their audit entries on a connection of its own with prepared statements: a relay does little else that
/// costs as much.
final class BroadcastConnection: BroadcastWriter {
    private let location: String
    private let connection: Mutex<Connection>

    /// Opens the connection.
    init(to location: String) throws {
        self.location = location
        let opened = try StoreError.translating(at: location) { try Connection(path: location) }
        connection = Mutex(opened)
    }

    func commit(_ broadcasts: [Broadcast], at now: Instant) throws -> [Int64?] {
        try StoreError.translating(at: location) {
            try connection.withLock { try $0.commit(broadcasts, at: now) }
        }
    }
}

private final class Connection {
    private let handle: OpaquePointer
    private let insert: Statement
    private let newest: Statement
    private let begin: Statement
    private let end: Statement
    private let takeBack: Statement
    private var audit: AuditChain

    init(path: String) throws {
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(path, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nil)
        guard code == SQLITE_OK, let opened else {
            defer { sqlite3_close_v2(opened) }
            throw DatabaseError(
                resultCode: ResultCode(rawValue: code), message: opened.map { String(cString: sqlite3_errmsg($0)) })
        }
        handle = opened
        do {
            sqlite3_extended_result_codes(opened, 1)
            // What is told survives a power cut.
            try Statement(on: opened, "PRAGMA synchronous = FULL").run()
            insert = try Statement(
                on: opened,
                """
                INSERT INTO deltas (run_id, diagnosis_id, type, data, at)
                SELECT 0, diagnosis_id, ?2, ?3, ?4 FROM diagnoses WHERE diagnosis_id = ?1
                """)
            newest = try Statement(on: opened, "SELECT max(seq) FROM deltas")
            begin = try Statement(on: opened, "BEGIN IMMEDIATE")
            end = try Statement(on: opened, "COMMIT")
            takeBack = try Statement(on: opened, "ROLLBACK")
            audit = try AuditChain(on: opened)
        } catch {
            sqlite3_close_v2(opened)
            throw error
        }
        growLog(of: path)
        sqlite3_busy_timeout(opened, Int32(SQLiteDatabase.patience) * 1000)
    }

    deinit {
        // It closes once the statements are gone, which go after this.
        sqlite3_close_v2(handle)
    }

    // MARK: Commits

    func commit(_ broadcasts: [Broadcast], at now: Instant) throws -> [Int64?] {
        guard !broadcasts.isEmpty else { return [] }
        try begin.run()
        do {
            try audit.begin()
            try NoFreeNumber.check(after: latestSequence(), in: "deltas")
            let sequences = try broadcasts.map { try write($0, at: now) }
            try end.run()
            return sequences
        } catch {
            // Some errors have taken it back already.
            try? takeBack.run()
            throw error
        }
    }

    private func latestSequence() throws -> Int64 {
        defer { newest.reset() }
        return try newest.step() ? newest.int64(0) : 0
    }

    private func write(_ broadcast: Broadcast, at now: Instant) throws -> Int64? {
        insert.bind(broadcast.diagnosis.rawValue, at: 1)
        insert.bind(broadcast.kind.rawValue, at: 2)
        insert.bind(broadcast.data, at: 3)
        insert.bind(now, at: 4)
        try insert.run()
        guard sqlite3_changes(handle) > 0 else { return nil }
        let sequence = sqlite3_last_insert_rowid(handle)
        try audit.append(BroadcastLog.entry(of: broadcast, sequence: sequence, at: now))
        return sequence
    }

    // MARK: The log

    /// Makes the log as long as it is when it begins anew: a commit that makes it longer waits for the file system several
    /// times as long as one that writes over what is there.
    ///
    /// Where that cannot be, commits do it.
    private func growLog(of path: String) {
        let log = open("\(path)-wal", O_RDWR | O_CLOEXEC)
        guard log >= 0 else { return }
        defer { close(log) }
        do {
            let length = try number("PRAGMA wal_autocheckpoint") * number("PRAGMA page_size")
            guard lseek(log, 0, SEEK_END) < length else { return }
            try fillLog(length)
        } catch {
            return
        }
        // The file system looks for room once it is to be durable.
        fdatasync(log)
    }

    /// Writes so many bytes that count for nothing: what a connection may not hold in memory goes to the log, and is taken back.
    private func fillLog(_ length: Int64) throws {
        _ = try number("PRAGMA cache_size = 16")
        defer { _ = try? number("PRAGMA cache_size = -2000") }
        try begin.run()
        defer { try? takeBack.run() }
        let filler = try Statement(
            on: handle,
            "INSERT INTO deltas (run_id, diagnosis_id, type, data, batch) VALUES (0, 0, '', '', zeroblob(?))")
        filler.bind(length, at: 1)
        try filler.run()
    }

    /// What a statement tells; 0 where it tells nothing.
    private func number(_ sql: String) throws -> Int64 {
        let statement = try Statement(on: handle, sql)
        defer { statement.reset() }
        return try statement.step() ? statement.int64(0) : 0
    }
}
