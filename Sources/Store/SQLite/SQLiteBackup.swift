import Domain
public import Foundation
import GRDB

extension SQLiteDatabase {
    /// What is wrong with the database itself; `nil` where it is sound.
    public func problem() throws -> String? {
        try read { try SQLiteBackup.problem($0) }
    }

    /// Writes all of the database as of one moment to a file.
    public func backUp(to file: URL) throws {
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
        let file = try OutputFile(at: url, mode: mode)
        do {
            try StoreError.translating(at: url.relativePath) { try fill(file.temporaryPath) }
            try check(file.temporaryPath, name: url.relativePath)
            try file.commit()
        } catch {
            file.discard()
            throw error
        }
    }

    static func restore(path: String, from backup: URL, replace: Bool) throws {
        let isThere = FileManager.default.fileExists(atPath: path)
        guard !isThere || replace else { throw StoreError.exists(location: path) }
        let kind = try? FileManager.default.attributesOfItem(atPath: backup.resolvingSymlinksInPath().path)[.type]
        guard let kind = kind as? FileAttributeType else { throw missing(backup, "is not there") }
        // A device might never end.
        guard kind == .typeRegular else { throw missing(backup, "is no file") }
        guard let source = FileHandle(forReadingAtPath: backup.path) else { throw missing(backup, "cannot be read") }
        let file = try OutputFile(at: URL(filePath: path), mode: mode)
        do {
            while let bytes = try source.read(upToCount: 1 << 20), !bytes.isEmpty {
                try bytes.withUnsafeBytes { try file.write($0) }
            }
            try check(file.temporaryPath, name: backup.relativePath)
            if isThere { try detach(path) }
            try file.commit()
        } catch {
            file.discard()
            throw error
        }
        removeLog(of: path)
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
        // Older versions had no copies, and published in other tables.
        guard try db.tableExists("record_blocks") else { return nil }
        try SQLitePublishedResults(db: db).check()
        return try RecordBlock.areTrue(db) ? nil : "the copies of records that runs read are not as the records"
    }

    /// Brings what stands in the log of a database into its file, so that no log of it can meet another file; refuses
    /// where another process has it open.
    private static func detach(_ path: String) throws {
        do {
            try StoreError.translating(at: path) {
                let queue = try DatabaseQueue(path: path)
                defer { try? queue.close() }  // nothing is left to write
                let mode = try queue.writeWithoutTransaction { db in
                    try String.fetchOne(db, sql: "PRAGMA journal_mode = DELETE")
                }
                guard mode == "delete" else { throw StoreError.busy(location: path) }
            }
        } catch StoreError.notADatabase {
            removeLog(of: path)  // what is damaged is what a backup is for
        }
    }

    private static func removeLog(of path: String) {
        for ending in ["-wal", "-shm"] { unlink(path + ending) }
    }
}
