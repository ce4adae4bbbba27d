import Configuration
import Domain
import Foundation
import Store

/// Notifies other processes by a file beside the database, `LOCATION.signal`, that is touched.
struct FileSignal: OutboxSignal {
    private let path: String

    /// - Parameter path: the canonical path of the database, so that there is one signal of each.
    init(of path: String) {
        self.path = path + ".signal"
    }

    /// Touches the file. A failure is ignored, since followers also poll.
    func raise() {
        let descriptor = open(path, O_CREAT | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        _ = pwrite(descriptor, "!", 1, 0)
        close(descriptor)
    }

    /// Calls `body` after each touch, or once for several, on a queue, as long as the result is held.
    ///
    /// - Throws: `UnwritableFile` where the file can be neither made nor watched.
    func watch(on queue: DispatchQueue, _ body: @escaping @Sendable () -> Void) throws -> any OutboxWatch {
        raise()  // so that there is something to watch
        return try Watch(path, queue, body)
    }

    /// Watches the file by inotify. Meanwhile it shares a lock of the file, by which others see that it is there.
    private final class Watch: OutboxWatch {
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
                // Drain the queue of inotify.
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

        /// Whether another process watches the file.
        var hasOtherWatchers: Bool {
            var lock = flock(of: F_WRLCK)
            // A conflicting lock is that of another watcher.
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
