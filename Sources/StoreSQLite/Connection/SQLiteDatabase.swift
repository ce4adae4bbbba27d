public import Configuration
import Foundation
import GRDB
public import Store

/// The store in one SQLite file, in WAL mode, readable by its owner only.
public struct SQLiteDatabase: ClinicStore {
    /// The path, as the user named it.
    public let location: String
    /// The file and those beside it.
    let files: DatabaseFiles
    /// How long a connection waits for others that write, in seconds.
    static let patience = 10
    let pool: DatabasePool
    /// What keeps this process from writing; `nil` where it may write.
    private let readOnlyReason: PermissionProblem?
    /// The version that is read without its log, which must not change meanwhile; `nil` where the log is read as well.
    private let frozenVersion: DatabaseVersion?
    /// Raised whenever something was written that followers are waiting for.
    public let signal: any OutboxSignal

    /// The absolute path of the database file, without symbolic links.
    public var companionPath: String { files.path }

    /// What keeps this process from writing to the database; `nil` where nothing does.
    public var writeProblem: PermissionProblem? { files.writeProblem }

    /// Opens the file and brings its schema up to date.
    ///
    /// - Parameters:
    ///   - create: whether to make the file where there is none, with mode 0600.
    ///   - readOnly: whether it is enough to read, where this process may not write. The schema must be current then.
    /// - Throws: `StoreError`.
    public init(path: String, create: Bool, readOnly: Bool = false) throws {
        location = path
        files = DatabaseFiles(ofDatabaseAt: path)
        signal = FileSignal(of: files.path)
        if !FileManager.default.fileExists(atPath: files.path) {
            if let problem = PermissionProblem(of: files.path, access: F_OK) {
                throw StoreError.notPermitted(location: path, .read, problem)
            }
            guard create else { throw StoreError.missing(location: path) }
            try Self.createFile(at: files.path, location: path)
        }
        guard files.linkCount < 2 else { throw StoreError.hardLinked(location: path, names: files.linkCount) }
        readOnlyReason = readOnly ? files.writeProblem : nil
        let mayWrite = readOnlyReason == nil
        if !mayWrite, let problem = files.readProblem {
            throw StoreError.notPermitted(location: path, .read, problem)
        }
        if let readOnlyReason, files.hasUnmergedChanges, !files.hasWholeLog {
            throw StoreError.unmergedLog(location: path, readOnlyReason)
        }
        // Without a log, SQLite would make one that its owner could not write to, or fail where it may not make one.
        frozenVersion = mayWrite || files.hasWholeLog ? nil : DatabaseVersion(of: files)
        let source = frozenVersion == nil ? files.path : Self.immutableURI(of: files.path)
        var configuration = Configuration()
        configuration.readonly = !mayWrite
        configuration.busyMode = .timeout(TimeInterval(Self.patience))
        configuration.prepareDatabase { db in
            // 64 MiB of pages: large imports touch parents and children far apart.
            try db.execute(sql: "PRAGMA cache_size = -65536")
            try db.execute(sql: "PRAGMA temp_store = FILE")
        }
        pool = try StoreError.translating(at: path) {
            try Self.insisting {
                let pool = try DatabasePool(path: source, configuration: configuration)
                // A published run survives a power cut.
                if mayWrite { try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") } }
                return pool
            }
        }
        try migrate()
    }

    /// How SQLite names a file that nobody writes to, and of which it needs no log.
    private static func immutableURI(of path: String) -> String {
        let characters = CharacterSet.urlPathAllowed.subtracting(CharacterSet(charactersIn: "?#%"))
        return "file:\(path.addingPercentEncoding(withAllowedCharacters: characters) ?? path)?immutable=1"
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

    private static func createFile(at path: String, location: String) throws {
        let descriptor = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            if errno == EEXIST { return }  // another process was quicker
            throw StoreError.cannotWrite(location: location, reason: systemError)
        }
        close(descriptor)
    }

    private func migrate() throws {
        let migrator = Schema.migrator
        let isNewer = try read { try migrator.hasBeenSuperseded($0) }
        guard !isNewer else { throw StoreError.tooNew(location: location) }
        if let readOnlyReason {
            guard try read(migrator.hasCompletedMigrations) else {
                throw StoreError.outdated(location: location, readOnlyReason)
            }
            return
        }
        try StoreError.translating(at: location) {
            try Self.insisting {
                guard try !pool.read(migrator.hasCompletedMigrations) else { return }
                try migrator.migrate(pool)
            }
        }
    }

    func read<Value>(_ body: (GRDB.Database) throws -> Value) throws -> Value {
        let result = Result { try StoreError.translating(at: location) { try pool.read(body) } }
        // What was read while somebody wrote may be a mixture, and its errors as well.
        if let frozenVersion, DatabaseVersion(of: files) != frozenVersion { throw StoreError.busy(location: location) }
        return try result.get()
    }

    func write<Value>(_ body: (GRDB.Database) throws -> Value) throws -> Value {
        if let readOnlyReason { throw StoreError.notPermitted(location: location, .write, readOnlyReason) }
        return try StoreError.translating(at: location) { try pool.write(body) }
    }
}
