import Configuration
import Domain
import Foundation

/// An open ledger file, locked against other processes as long as it is open.
final class LedgerFile {
    /// How long a process waits for others that append, in seconds.
    private static let patience = 10.0

    private let path: String
    private let descriptor: Int32

    /// Opens the file that is at the path, once its lock is held.
    ///
    /// - Parameters:
    ///   - path: without symbolic links.
    ///   - forAppending: whether to write, and to make the file where there is none, with mode 0600; else to read.
    /// - Returns: `nil` where there is no file to read.
    /// - Throws: `UnwritableFile`, `MissingFile`, `LedgerError`.
    init?(at path: String, forAppending: Bool) throws {
        self.path = path
        let deadline = Date(timeIntervalSinceNow: Self.patience)
        while true {
            let flags = forAppending ? O_RDWR | O_CREAT : O_RDONLY
            let opened = open(path, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0o600)
            guard opened >= 0 else {
                if errno == ENOENT, !forAppending { return nil }
                throw Self.refusal(path, forAppending: forAppending)
            }
            do {
                try Self.lock(opened, path, isExclusive: forAppending, until: deadline)
            } catch {
                close(opened)
                throw error
            }
            // One that was replaced meanwhile is not the one that others see.
            var status = stat()
            if fstat(opened, &status) == 0, FileIdentity(status) == FileIdentity(ofNameAt: path) {
                guard status.st_mode & S_IFMT == S_IFREG else {
                    close(opened)
                    throw LedgerError.notALedger(path: path)
                }
                descriptor = opened
                return
            }
            close(opened)
        }
    }

    deinit { close(descriptor) }

    private static func refusal(_ path: String, forAppending: Bool) -> any Error {
        let reason = systemError
        guard let problem = PermissionProblem(of: path, access: forAppending ? R_OK | W_OK : R_OK) else {
            return forAppending
                ? UnwritableFile(path: path, reason: reason)
                : MissingFile(path: path, reason: "cannot be read: \(reason)")
        }
        return forAppending
            ? UnwritableFile(path: path, reason: problem.reason, advice: problem.advice)
            : MissingFile(path: path, reason: "cannot be read: \(problem)")
    }

    private static func lock(_ descriptor: Int32, _ path: String, isExclusive: Bool, until deadline: Date) throws {
        while flock(descriptor, (isExclusive ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0 {
            switch errno {
            case EINTR: continue
            case EWOULDBLOCK:
                guard Date() < deadline else { throw LedgerError.busy(path: path) }
                usleep(10_000)
            // Without locks nobody can append either.
            case _ where !isExclusive: return
            default: throw UnwritableFile(path: path, reason: systemError)
            }
        }
    }

    /// All bytes of the file, once these are on the disk: what is shown is not taken back by a power cut.
    func synchronizedBytes() throws -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = pread(descriptor, &buffer, buffer.count, off_t(bytes.count))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw MissingFile(path: path, reason: "cannot be read: \(systemError)") }
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        // What nobody can write needs no syncing.
        guard fsync(descriptor) == 0 || [EROFS, EINVAL].contains(errno) else {
            throw UnwritableFile(path: path, reason: systemError)
        }
        return bytes
    }

    /// Cuts off what is behind the first bytes, and appends a text by one write. Blocks until it is on the disk.
    ///
    /// - Throws: `UnwritableFile`. Where not all of it could be written, the file ends after the first bytes again.
    func append(_ text: String, after whole: Int) throws {
        guard ftruncate(descriptor, off_t(whole)) == 0 else { throw UnwritableFile(path: path, reason: systemError) }
        let bytes = Array(text.utf8)
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress?.advanced(by: written), bytes.count - written, off_t(whole + written))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let error = UnwritableFile(path: path, reason: count == 0 ? "nothing is written" : systemError)
                ftruncate(descriptor, off_t(whole))  // what remains is passed over, and cut off the next time
                throw error
            }
            written += count
        }
        // From here on it may have been seen, and stays.
        guard fsync(descriptor) == 0 else { throw UnwritableFile(path: path, reason: systemError) }
    }

    /// Makes the name of the file durable.
    func synchronizeFolder() throws {
        let folder = (path as NSString).deletingLastPathComponent
        let opened = open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard opened >= 0 else { throw UnwritableFile(path: folder, reason: systemError) }
        defer { close(opened) }
        guard fsync(opened) == 0 || errno == EINVAL else { throw UnwritableFile(path: folder, reason: systemError) }
    }
}
