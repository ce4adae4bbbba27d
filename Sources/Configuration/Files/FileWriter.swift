package import Foundation

/// Writes a file from its beginning. All errors are `UnwritableFile`.
package final class FileWriter {
    /// The name of the file in errors.
    private let name: String
    private let descriptor: Int32

    /// Creates a file. Fails if a file or a symbolic link exists at the path.
    ///
    /// - Parameters:
    ///   - name: the name of the file in errors.
    ///   - mode: its permissions before the umask is applied.
    package init(newFileAt path: String, name: String, mode: mode_t) throws {
        self.name = name
        descriptor = open(path, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw Self.failure(name) }
    }

    /// Creates a file without a name that only its owner may read; it disappears when it is closed, even by a crash.
    package init(unnamedIn folder: String) throws {
        name = folder
        var template = Array((folder + "/avicenna-XXXXXX").utf8CString)
        descriptor = mkstemp(&template)
        guard descriptor >= 0, fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else { throw Self.failure(folder) }
        unlink(template)
    }

    deinit {
        close(descriptor)
    }

    private static func failure(_ name: String) -> UnwritableFile {
        UnwritableFile(path: name, reason: systemError)
    }

    /// Writes all of the bytes.
    package func write(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes[...]
        while let start = UnsafeRawBufferPointer(rebasing: rest).baseAddress, !rest.isEmpty {
            let count = Foundation.write(descriptor, start, rest.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw Self.failure(name)
            }
            rest = rest.dropFirst(count)
        }
    }

    /// Writes all of a text.
    package func write(_ text: String) throws {
        try write(Array(text.utf8))
    }

    /// Writes all of the bytes.
    package func write(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try write($0) }
    }

    /// Maps the file into memory. The caller must unmap it.
    package func mapped() throws -> UnsafeRawBufferPointer {
        let size = Int(lseek(descriptor, 0, SEEK_END))
        guard size > 0 else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
            throw Self.failure(name)
        }
        return UnsafeRawBufferPointer(start: start, count: size)
    }

    /// The status of the open file, even if it was renamed or removed.
    package func status() throws -> stat {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.failure(name) }
        return status
    }

    /// Changes the permissions of the open file.
    package func setPermissions(_ mode: mode_t) throws {
        guard fchmod(descriptor, mode) == 0 else { throw Self.failure(name) }
    }

    /// Blocks until the file is on the disk (`fsync`).
    package func synchronize() throws {
        guard fsync(descriptor) == 0 else { throw Self.failure(name) }
    }
}
