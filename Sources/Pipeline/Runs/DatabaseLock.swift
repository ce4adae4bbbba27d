import Domain
import Foundation
import Store

/// Holds the one right to run on a database. The kernel lets go of it when the process ends, however it ends.
public final class DatabaseLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock of the database at `location`, in a file of its name and `.lock` beside it. There is one lock of each
    /// database, whatever path leads to it.
    ///
    /// - Parameters:
    ///   - wait: how long to try while another process holds it.
    ///   - onWait: told once, when the wait begins.
    /// - Throws: `RunError.locked` where another process still holds it; `UnwritableFile` where there can be no lock.
    public init(of location: String, wait: Duration, onWait: () -> Void = {}) async throws {
        let path = try Self.path(of: location)
        descriptor = open(path, O_CREAT | O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let reason = systemError
            guard let problem = PermissionProblem(of: path, access: R_OK | W_OK) else {
                throw UnwritableFile(path: path, reason: reason)
            }
            throw UnwritableFile(path: path, reason: problem.reason, advice: problem.advice)
        }
        let deadline = ContinuousClock.now + wait
        var isWaiting = false
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else {
                throw UnwritableFile(path: path, reason: systemError)
            }
            guard ContinuousClock.now < deadline else {
                throw RunError.locked(location: location)
            }
            if !isWaiting {
                isWaiting = true
                onWait()
            }
            try await RunError.pause(for: .milliseconds(100), before: "it had its turn on \(location)")
        }
    }

    deinit {
        close(descriptor)
    }

    private static func path(of location: String) throws -> String {
        try canonicalDatabasePath(of: location) + ".lock"
    }

    /// Whether a process holds the lock of the database at `location` now.
    public static func isHeld(of location: String) -> Bool {
        // Where it cannot be looked at, the run itself says why.
        guard let path = try? path(of: location) else { return false }
        let descriptor = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }
}
