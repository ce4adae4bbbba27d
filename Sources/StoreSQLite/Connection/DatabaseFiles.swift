import Configuration
import Foundation
import Store

/// The file of an SQLite database, and those that belong to it and are found by their names beside it.
struct DatabaseFiles {
    /// What SQLite keeps beside a database: what it has not brought into the file yet, and who reads.
    private static let logEndings = ["-wal", "-shm", "-journal"]
    private static let ownEndings = [".lock", ".signal", ReleaseLedger.ending]

    /// The path of the database.
    let path: String

    /// The files of the database that a path leads to.
    init(ofDatabaseAt path: String) {
        self.path = canonicalPath(path)
    }

    /// The files of a name, which may be a symbolic link.
    init(named path: String) {
        self.path = path
    }

    /// The folder that all of them are in.
    var folder: String {
        let folder = path.lastIndex(of: "/").map { path[..<$0] } ?? "."
        return folder.isEmpty ? "/" : String(folder)
    }

    /// What SQLite keeps beside the database now. It belongs to the file that is there, and makes any other file that takes its
    /// name unreadable.
    var logs: [String] {
        Self.logEndings.map { path + $0 }.filter { FileIdentity(ofNameAt: $0) != nil }
    }

    /// Whether there is a log with its index, so that who may only read can read both.
    var hasWholeLog: Bool {
        ["-wal", "-shm"].allSatisfy { FileIdentity(ofFileAt: path + $0) != nil }
    }

    /// Whether changes were written that are not in the file of the database.
    var hasUnmergedChanges: Bool {
        ["-wal", "-journal"].contains { ending in
            var status = stat()
            return stat(path + ending, &status) == 0 && status.st_size > 0
        }
    }

    /// Whether a path leads to one of them, also by a symbolic or hard link.
    func contains(_ other: String) -> Bool {
        let names = [path] + (Self.logEndings + Self.ownEndings).map { path + $0 }
        if names.contains(canonicalPath(other)) { return true }
        guard let identity = FileIdentity(ofFileAt: other) else { return false }
        return names.contains { FileIdentity(ofFileAt: $0) == identity }
    }

    /// How many names (hard links) the database has; 0 where it does not exist.
    var linkCount: Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_nlink) : 0
    }

    /// What keeps this process from reading the database; `nil` where nothing does.
    var readProblem: PermissionProblem? {
        ([path] + logs).lazy.compactMap { PermissionProblem(of: $0, access: R_OK) }.first
    }

    /// What keeps this process from writing to the database; `nil` where nothing does.
    var writeProblem: PermissionProblem? {
        ([path] + logs).lazy.compactMap { PermissionProblem(of: $0, access: R_OK | W_OK) }.first
            ?? PermissionProblem(of: folder, access: W_OK | X_OK)
    }
}

/// By which it shows that a database was written to.
struct DatabaseVersion: Equatable {
    private let identity: FileIdentity
    private let size: Int64
    private let modified: [Int]
    private let hasLog: Bool

    /// The version of a database now; `nil` where it is gone.
    init?(of files: DatabaseFiles) {
        var status = stat()
        guard stat(files.path, &status) == 0 else { return nil }
        identity = FileIdentity(status)
        size = Int64(status.st_size)
        modified = [status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
        hasLog = files.hasUnmergedChanges
    }
}
