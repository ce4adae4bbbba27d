import Domain
import Foundation

/// Holds the one right to run on a database. The kernel lets go of it when the process ends, however it ends.
public final class DatabaseLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock of the database at `location`, in the file `LOCATION.lock` beside it.
    ///
    /// - Parameters:
    ///   - wait: how long to try while another process holds it.
    ///   - onWait: told once, when the wait begins.
    /// - Throws: `RunError.locked` where another process still holds it; `UnwritableFile` where there can be no lock.
    public init(of location: String, wait: Duration, onWait: () -> Void = {}) async throws {
        let path = location + ".lock"
        descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw UnwritableFile(path: path, reason: systemError)
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

    /// Whether a process holds the lock of the database at `location` now.
    public static func isHeld(of location: String) -> Bool {
        let descriptor = open(location + ".lock", O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }
}
