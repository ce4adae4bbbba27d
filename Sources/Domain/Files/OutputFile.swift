package import Foundation

/// A file that appears under its name only when it is whole: it is written beside and renamed.
package struct OutputFile {
    /// Where it will stand.
    package let url: URL
    /// Where it is written until it is whole.
    package let temporaryPath: String
    private let file: FileWriter

    /// Begins a file, in a folder that is made where it is missing.
    ///
    /// - Parameter mode: its rights.
    /// - Throws: `UnwritableFile`.
    package init(at url: URL, mode: mode_t) throws {
        self.url = url
        let folder = url.deletingLastPathComponent()
        let prefix = ".\(url.lastPathComponent)."
        temporaryPath = folder.appending(path: "\(prefix)\(getpid())").path
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Self.removeRemains(in: folder, prefix: prefix)
        } catch {
            throw UnwritableFile(path: folder.relativePath, reason: error.localizedDescription)
        }
        file = try FileWriter(path: temporaryPath, name: url.relativePath, mode: mode)
    }

    /// Takes away what processes that were killed had begun to write.
    private static func removeRemains(in folder: URL, prefix: String) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) where name.hasPrefix(prefix) {
            guard let process = pid_t(name.dropFirst(prefix.count)), kill(process, 0) != 0, errno == ESRCH else {
                continue
            }
            unlink(folder.appending(path: name).path)
        }
    }

    /// Writes more.
    package func write(_ text: String) throws {
        try file.write(text)
    }

    /// Writes more.
    package func write(_ bytes: UnsafeRawBufferPointer) throws {
        try file.write(bytes)
    }

    /// Makes the file durable and gives it its name.
    package func commit() throws {
        try file.synchronize()
        guard rename(temporaryPath, url.path) == 0 else {
            throw UnwritableFile(path: url.relativePath, reason: systemError)
        }
    }

    /// Its size in bytes, after `commit`.
    package func size() throws -> Int {
        var status = stat()
        guard stat(url.path, &status) == 0 else { throw UnwritableFile(path: url.relativePath, reason: systemError) }
        return Int(status.st_size)
    }

    /// Takes away what was written.
    package func discard() {
        unlink(temporaryPath)
    }
}
