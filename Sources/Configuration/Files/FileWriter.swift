package import Foundation

/// Writes a file from its beginning. What goes wrong is an `UnwritableFile` that names it.
package final class FileWriter {
    /// What errors call the file.
    private let name: String
    private let descriptor: Int32

    /// Makes a file where there is none: neither an existing file nor a symbolic link at the path is opened.
    ///
    /// - Parameters:
    ///   - name: what errors call it.
    ///   - mode: its permissions, from which the process's file mode creation mask is subtracted.
    package init(newFileAt path: String, name: String, mode: mode_t) throws {
        self.name = name
        descriptor = open(path, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw Self.failure(name) }
    }

    /// Makes a file that its owner alone may read and that has no name, so that nothing of it is left whatever happens.
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

    /// All that was written, as memory; it is the caller's to unmap.
    package func mapped() throws -> UnsafeRawBufferPointer {
        let size = Int(lseek(descriptor, 0, SEEK_END))
        guard size > 0 else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
            throw Self.failure(name)
        }
        return UnsafeRawBufferPointer(start: start, count: size)
    }

    /// The status of the open file, whatever became of its name.
    package func status() throws -> stat {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.failure(name) }
        return status
    }

    /// Changes the permissions of the open file.
    package func setPermissions(_ mode: mode_t) throws {
        guard fchmod(descriptor, mode) == 0 else { throw Self.failure(name) }
    }

    /// Waits until the file is on the disk.
    package func synchronize() throws {
        guard fsync(descriptor) == 0 else { throw Self.failure(name) }
    }
}
