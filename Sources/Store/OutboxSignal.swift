public import Dispatch
import Domain
import Foundation

/// Tells processes that follow a database that something was committed: a file beside it, `LOCATION.signal`, that is
/// touched. It may be lost, so that who waits for it also looks now and then.
public struct OutboxSignal: Sendable {
    private let path: String

    /// - Parameter path: the canonical path of the database, so that there is one signal of each.
    init(of path: String) {
        self.path = path + ".signal"
    }

    /// Touches the file. That nobody hears it is no reason to fail: followers look by themselves.
    public func raise() {
        let descriptor = open(path, O_CREAT | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        _ = pwrite(descriptor, "!", 1, 0)
        close(descriptor)
    }

    /// Calls `body` after each touch, or once for several, on a queue, as long as the result is held.
    ///
    /// - Throws: `UnwritableFile` where the file can be neither made nor watched.
    public func watch(on queue: DispatchQueue, _ body: @escaping @Sendable () -> Void) throws -> Watch {
        raise()  // so that there is something to watch
        return try Watch(path, queue, body)
    }

    /// A watch that lasts as long as it is held. Meanwhile it shares a lock of the file, by which others see that it is there.
    public final class Watch: Sendable {
        // Sources may be cancelled from anywhere.
        nonisolated(unsafe) private let source: any DispatchSourceRead
        private let file: CInt

        init(_ path: String, _ queue: DispatchQueue, _ body: @escaping @Sendable () -> Void) throws {
            let descriptor = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
            file = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC)
            guard descriptor >= 0, file >= 0, inotify_add_watch(descriptor, path, UInt32(IN_MODIFY)) >= 0 else {
                let reason = systemError
                for descriptor in [descriptor, file] where descriptor >= 0 { close(descriptor) }
                throw UnwritableFile(path: path, reason: reason)
            }
            var lock = flock(of: F_RDLCK)
            // Without it others do not signal, and it learns a little later, by looking.
            _ = fcntl(file, OpenFileLock.set, &lock)
            source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
            source.setEventHandler {
                // What exactly happened does not matter.
                withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 8) { buffer in
                    while read(descriptor, buffer.baseAddress, buffer.count) > 0 {}
                }
                body()
            }
            source.setCancelHandler { close(descriptor) }
            source.activate()
        }

        deinit {
            source.cancel()
            close(file)
        }

        /// Whether somebody else watches as well, so that a signal is not for ourselves alone.
        public var hasCompany: Bool {
            var lock = flock(of: F_WRLCK)
            // What stands in the way of a lock for one alone is a lock of somebody else.
            return fcntl(file, OpenFileLock.get, &lock) != 0 || lock.l_type != F_UNLCK
        }
    }
}

/// Locks that belong to an open file and not to a process, as `fcntl` takes them; the C library shows them to C alone.
private enum OpenFileLock {
    /// `F_OFD_GETLK`.
    static let get: CInt = 36
    /// `F_OFD_SETLK`.
    static let set: CInt = 37
}

/// A lock of a whole file.
private func flock(of kind: CInt) -> flock {
    flock(l_type: Int16(kind), l_whence: Int16(SEEK_SET), l_start: 0, l_len: 0, l_pid: 0)
}
