import Domain
import Foundation
import GRDB

/// The store in one SQLite file, in WAL mode, readable by its owner only.
public struct SQLiteDatabase: Database {
    /// The file.
    public let location: String
    /// How long a connection waits for others that write, in seconds.
    static let patience = 10
    let pool: DatabasePool
    /// Raised whenever something was written that followers are waiting for.
    public let signal: OutboxSignal

    /// Opens the file and brings its schema up to date.
    ///
    /// - Parameter create: whether to make the file where there is none, with mode 0600.
    public init(path: String, create: Bool) throws {
        location = path
        signal = OutboxSignal(of: path)
        if !FileManager.default.fileExists(atPath: path) {
            guard create else { throw StoreError.missing(location: path) }
            try Self.createFile(at: path)
        }
        var configuration = Configuration()
        configuration.busyMode = .timeout(TimeInterval(Self.patience))
        configuration.prepareDatabase { db in
            // 64 MiB of pages: large imports touch parents and children far apart.
            try db.execute(sql: "PRAGMA cache_size = -65536")
            try db.execute(sql: "PRAGMA temp_store = FILE")
        }
        pool = try StoreError.translating(at: path) {
            try Self.insisting {
                let pool = try DatabasePool(path: path, configuration: configuration)
                // A published run survives a power cut.
                try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
                return pool
            }
        }
        try migrate()
    }

    /// Processes that open a new database at the same moment get into each other's way, in the switch to WAL and in the
    /// migrations. Each tries again until the other is done.
    private static func insisting<Value>(_ body: () throws -> Value) throws -> Value {
        let deadline = ContinuousClock.now + .seconds(5)
        while true {
            do {
                return try body()
            } catch let error as DatabaseError
                where [.SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_ERROR, .SQLITE_CONSTRAINT].contains(error.resultCode)
                && ContinuousClock.now < deadline
            {
                usleep(20_000)
            }
        }
    }

    private static func createFile(at path: String) throws {
        let descriptor = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            if errno == EEXIST { return }  // another process was quicker
            throw StoreError.cannotWrite(location: path, reason: systemError)
        }
        close(descriptor)
    }

    private func migrate() throws {
        let migrator = Schema.migrator
        let isNewer = try read { try migrator.hasBeenSuperseded($0) }
        guard !isNewer else { throw StoreError.tooNew(location: location) }
        try StoreError.translating(at: location) {
            try Self.insisting {
                guard try !pool.read(migrator.hasCompletedMigrations) else { return }
                try migrator.migrate(pool)
            }
        }
    }

    func read<Value>(_ body: (GRDB.Database) throws -> Value) throws -> Value {
        try StoreError.translating(at: location) { try pool.read(body) }
    }

    func write<Value>(_ body: (GRDB.Database) throws -> Value) throws -> Value {
        try StoreError.translating(at: location) { try pool.write(body) }
    }
}
