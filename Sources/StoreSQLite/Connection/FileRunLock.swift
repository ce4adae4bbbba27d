import Configuration
import Domain
import Foundation
public import Store

/// The run lock of a database, as a kernel lock of the file `PATH.lock` beside it.
public final class FileRunLock: RunLock {
    private let descriptor: Int32

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Takes the lock of the database at a location, which need not exist; `nil` where another process holds it. There is one lock
    /// of each database, whatever path leads to it.
    ///
    /// - Throws: `UnwritableFile` where the file cannot be made; `StoreError.unknownEngine`.
    public static func take(ofDatabaseAt location: String) throws -> FileRunLock? {
        let path = try path(of: location)
        let descriptor = open(path, O_CREAT | O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let reason = systemError
            guard let problem = PermissionProblem(of: path, access: R_OK | W_OK) else {
                throw UnwritableFile(path: path, reason: reason)
            }
            throw UnwritableFile(path: path, reason: problem.reason, advice: problem.advice)
        }
        let lock = FileRunLock(descriptor)
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            switch errno {
            case EINTR: continue
            case EWOULDBLOCK: return nil
            default: throw UnwritableFile(path: path, reason: systemError)
            }
        }
        return lock
    }

    /// Whether a process holds the lock of the database at a location now.
    static func isHeld(ofDatabaseAt location: String) -> Bool {
        // Where the file cannot be opened, taking the lock reports why.
        guard let path = try? path(of: location) else { return false }
        let descriptor = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }

    private static func path(of location: String) throws -> String {
        try canonicalDatabasePath(of: location) + ".lock"
    }
}

extension SQLiteDatabase {
    /// Takes the run lock without waiting; `nil` where another process holds it.
    public func takeRunLock() throws -> (any RunLock)? { try FileRunLock.take(ofDatabaseAt: location) }

    /// Whether some process holds the run lock now.
    public func isRunLocked() -> Bool { FileRunLock.isHeld(ofDatabaseAt: location) }
}
