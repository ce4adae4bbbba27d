public import Dispatch
import Domain
import Foundation

/// Tells processes that follow a database that something was committed: a file beside it, `LOCATION.signal`, that is
/// touched. It may be lost, so that who waits for it also looks now and then.
public struct OutboxSignal: Sendable {
    private let path: String

    init(of location: String) {
        path = location + ".signal"
    }

    /// Touches the file. That nobody hears it is no reason to fail: followers look by themselves.
    public func raise() {
        let descriptor = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0o600)
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

    /// A watch that lasts as long as it is held.
    public final class Watch {
        private let source: any DispatchSourceRead

        init(_ path: String, _ queue: DispatchQueue, _ body: @escaping @Sendable () -> Void) throws {
            let descriptor = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
            guard descriptor >= 0, inotify_add_watch(descriptor, path, UInt32(IN_MODIFY)) >= 0 else {
                let reason = systemError
                if descriptor >= 0 { close(descriptor) }
                throw UnwritableFile(path: path, reason: reason)
            }
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
        }
    }
}
