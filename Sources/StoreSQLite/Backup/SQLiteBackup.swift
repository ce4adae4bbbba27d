import Configuration
import Domain
public import Foundation
import GRDB
import Store

extension SQLiteDatabase {
    /// What is wrong with the database itself; `nil` where it is sound.
    public func problem() throws -> String? {
        try read { try SQLiteBackup.problem($0) }
    }

    /// Writes all of the database as of one moment to a file.
    public func backUp(to file: URL, replace: Bool) throws {
        try SQLiteBackup.check(target: file, of: files, location: location, replace: replace)
        try SQLiteBackup.write(to: file) { path in
            try pool.writeWithoutTransaction { try $0.execute(sql: "VACUUM INTO ?", arguments: [path]) }
        }
    }
}

/// Files that hold a whole database.
enum SQLiteBackup {
    /// The owner alone may read them, as the database itself.
    private static let mode: mode_t = 0o600

    /// Writes a file with `fill`, checks it, and gives it its name.
    static func write(to url: URL, _ fill: (String) throws -> Void) throws {
        let file = try OutputFile(at: url, mode: mode, mayReplaceDatabase: true)
        do {
            try StoreError.translating(at: url.relativePath) { try fill(file.temporaryPath) }
            try check(file.temporaryPath, name: url.relativePath)
            try file.commit()
        } catch {
            file.discard()
            throw error
        }
    }

    // MARK: Files that may be replaced

    /// Checks that a backup of a database may take a file's name. Nothing is opened for writing.
    ///
    /// - Parameters:
    ///   - location: what errors call the database.
    ///   - replace: whether a file that is not a backup may be replaced.
    static func check(target: URL, of files: DatabaseFiles, location: String, replace: Bool) throws {
        let name = target.relativePath
        guard !files.contains(target.path) else { throw StoreError.ownFile(path: name, location: location) }
        let place = DatabaseFiles(ofDatabaseAt: target.path)
        // The link itself is replaced, so that logs beside the link count as well as those beside the file.
        let beside = [place.logs, DatabaseFiles(named: target.path).logs].joined()
        if let log = beside.first { throw StoreError.hasLog(path: name, log: log) }
        guard FileIdentity(ofFileAt: place.path) != nil, !replace, !isBackup(place.path) else { return }
        throw StoreError.notABackup(path: name)
    }

    /// Whether a file is a backup: a database of avicenna that nobody has opened to work on since it was written.
    private static func isBackup(_ path: String) -> Bool {
        // A database in use has 2 here, for its log; a backup needs none. Only then may it be opened without making one.
        guard let file = FileHandle(forReadingAtPath: path), let header = try? file.read(upToCount: 20),
            header.count == 20, header[18] == 1, header[19] == 1
        else { return false }
        var configuration = Configuration()
        configuration.readonly = true
        // Whatever is wrong with it, it is not a backup then.
        guard let queue = try? DatabaseQueue(path: path, configuration: configuration) else { return false }
        defer { try? queue.close() }  // it was only read
        return (try? queue.read { try !Schema.migrator.appliedIdentifiers($0).isEmpty }) ?? false
    }

    // MARK: Restoring

    static func restore(
        path: String, from backup: URL, replace: Bool, at now: Instant
    ) throws -> RestoredRevocations {
        let files = DatabaseFiles(ofDatabaseAt: path)
        guard !files.contains(backup.path) else {
            throw StoreError.ownFile(path: backup.relativePath, location: path)
        }
        let isThere = files.linkCount > 0
        // A log without its database is what is left of one.
        guard !isThere && files.logs.isEmpty || replace else { throw StoreError.exists(location: path) }
        guard files.linkCount < 2 else { throw StoreError.hardLinked(location: path, names: files.linkCount) }
        let source = try open(backup)
        let file = try OutputFile(at: URL(filePath: files.path), mode: mode, mayReplaceDatabase: true)
        do {
            while let bytes = try source.read(upToCount: 1 << 20), !bytes.isEmpty {
                try bytes.withUnsafeBytes { try file.write($0) }
            }
            try check(file.temporaryPath, name: backup.relativePath)
            if isThere { try detach(files, name: path) } else { removeLogs(of: files) }
            // One that appeared meanwhile belongs to another file.
            if let log = files.logs.first { throw StoreError.hasLog(path: path, log: log) }
            // Whatever keeps them from being read, they are not known then.
            let replaced = isThere ? try? ReplacedRevocations(ofDatabaseAt: files.path) : nil
            let revocations = try StoreError.translating(at: backup.relativePath) {
                let queue = try DatabaseQueue(path: file.temporaryPath)
                defer { try? queue.close() }  // what was written is committed
                // The file has no name yet: whoever is interrupted restores again.
                try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = MEMORY") }
                // Followers that saw messages which the backup does not have must notice.
                try queue.write { try Schema.renewOutboxEpoch($0) }
                return try ReplacedRevocations.union(of: replaced, with: queue, at: now)
            }
            try file.commit()
            return revocations
        } catch {
            file.discard()
            throw error
        }
    }

    private static func open(_ backup: URL) throws -> FileHandle {
        let kind = try? FileManager.default.attributesOfItem(atPath: backup.resolvingSymlinksInPath().path)[.type]
        guard let kind = kind as? FileAttributeType else { throw missing(backup, "is not there") }
        // A device might never end.
        guard kind == .typeRegular else { throw missing(backup, "is no file") }
        let files = DatabaseFiles(ofDatabaseAt: backup.path)
        // What is only in the log would be lost.
        if files.hasUnmergedChanges, let log = files.logs.first {
            throw StoreError.hasLog(path: backup.relativePath, log: log)
        }
        guard let source = FileHandle(forReadingAtPath: backup.path) else { throw missing(backup, "cannot be read") }
        return source
    }

    private static func missing(_ backup: URL, _ reason: String) -> MissingFile {
        MissingFile(path: backup.relativePath, reason: "\(reason); name a file that 'avicenna backup' wrote")
    }

    /// Says where a file is no sound database of this version or an older one.
    private static func check(_ path: String, name: String) throws {
        var configuration = Configuration()
        configuration.readonly = true
        try StoreError.translating(at: name) {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            defer { try? queue.close() }  // it was only read
            try queue.read { db in
                if let problem = try problem(db) { throw StoreError.notADatabase(location: name, reason: problem) }
                guard try !Schema.migrator.appliedIdentifiers(db).isEmpty else {
                    throw StoreError.notADatabase(location: name, reason: "it is none of avicenna's")
                }
                guard try !Schema.migrator.hasBeenSuperseded(db) else { throw StoreError.tooNew(location: name) }
            }
        }
    }

    /// What is wrong with a database; `nil` where it is sound.
    ///
    /// - Throws: `DatabaseError` as well, where it cannot be read as far as that.
    static func problem(_ db: GRDB.Database) throws -> String? {
        let problem = try String.fetchOne(db, sql: "PRAGMA integrity_check(1)") ?? "it is empty"
        guard problem == "ok" else { return problem }
        let hasBrokenReference = try GRDB.Row.fetchOne(db, sql: "PRAGMA foreign_key_check") != nil
        guard !hasBrokenReference else { return "records refer to nothing" }
        // Backups of older versions lack the tables of later migrations.
        guard try db.tableExists("record_blocks") else { return nil }
        let publication = SQLitePublication(db)
        try publication.checkResults()
        if try db.tableExists("patient_predictions") { try publication.checkPatientView() }
        guard try RecordBlock.areTrue(db) else { return "the copies of records that runs read are not as the records" }
        guard try db.tableExists("feedback_sums") else { return nil }
        return try FeedbackSums.areTrue(db) ? nil : "the sums of feedback differ from the feedback"
    }

    /// Brings what is in the logs of a database into its file, so that no log of it can meet another file; refuses where
    /// another process has it open.
    private static func detach(_ files: DatabaseFiles, name: String) throws {
        do {
            try StoreError.translating(at: name) {
                let queue = try DatabaseQueue(path: files.path)
                defer { try? queue.close() }  // nothing is left to write
                let mode = try queue.writeWithoutTransaction { db in
                    try String.fetchOne(db, sql: "PRAGMA journal_mode = DELETE")
                }
                guard mode == "delete" else { throw StoreError.busy(location: name) }
            }
        } catch StoreError.notADatabase {
            removeLogs(of: files)  // what is damaged is what a backup is for
        }
    }

    private static func removeLogs(of files: DatabaseFiles) {
        for log in files.logs { unlink(log) }
    }
}
