import CZlib
import Configuration
import Domain
import Foundation

/// The bytes of a file that is imported: plain, or compressed by gzip.
///
/// Reads block. Belongs to one thread at a time.
final class InputFile {
    /// The file as the user named it.
    let path: String
    /// Bytes in the file; 0 where it is a pipe.
    let size: Int
    /// Bytes of the file read so far, compressed ones where it is compressed.
    private(set) var bytesRead = 0
    /// Whether it is compressed.
    let isCompressed: Bool

    private let descriptor: Int32
    private var compressed: gzFile?
    /// What was read to look at and not handed out yet.
    private var head: ArraySlice<UInt8>

    /// Opens a file.
    ///
    /// - Throws: `MissingFile` where it cannot be read; `ImportError.format` where it is not text at all.
    init(path: String) throws {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw MissingFile(path: path, reason: "cannot be read: \(systemError)") }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
            close(descriptor)
            throw MissingFile(path: path, reason: "is a folder, but a CSV file is needed")
        }
        size = status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : 0
        var bytes = [UInt8](repeating: 0, count: 64 << 10)
        do {
            let count = try Self.fill(&bytes, from: descriptor, path: path)
            head = bytes[..<count]
            isCompressed = head.starts(with: [0x1F, 0x8B])
            if isCompressed {
                guard lseek(descriptor, 0, SEEK_SET) == 0, let file = gzdopen(dup(descriptor), "rb") else {
                    throw ImportError.format(
                        file: path, reason: "is compressed and cannot be read; decompress it first")
                }
                compressed = file
                head = []
            } else if let reason = foreignFormat(of: head) {
                throw ImportError.format(file: path, reason: reason)
            }
        } catch {
            close(descriptor)
            throw error
        }
        bytesRead = head.count
    }

    deinit {
        if let compressed { gzclose(compressed) }
        close(descriptor)
    }

    /// Reads the next bytes.
    ///
    /// - Returns: how many; 0 at the end of the file.
    /// - Throws: `MissingFile` where reading fails; `ImportError.format` where compressed data is damaged or cut off.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        if let compressed { return try inflate(compressed, into: buffer) }
        if !head.isEmpty {
            let count = min(head.count, buffer.count)
            buffer.copyBytes(from: head.prefix(count))
            head = head.dropFirst(count)
            return count
        }
        let count = try Self.read(descriptor, into: buffer, path: path)
        bytesRead += count
        return count
    }

    private func inflate(_ file: gzFile, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = Int(gzread(file, buffer.baseAddress, UInt32(min(buffer.count, 1 << 24))))
        bytesRead = max(bytesRead, Int(gzoffset(file)))
        var code: Int32 = Z_OK
        let message = gzerror(file, &code).map { String(cString: $0) } ?? ""
        guard count > 0 || count == 0 && (code == Z_OK || code == Z_STREAM_END) else {
            throw ImportError.format(
                file: path,
                reason: code == Z_BUF_ERROR
                    ? "is compressed and ends too early; fetch it again" : "is compressed and damaged: \(message)")
        }
        return count
    }

    /// Reads until the buffer is full or the file ends.
    private static func fill(_ bytes: inout [UInt8], from descriptor: Int32, path: String) throws -> Int {
        var filled = 0
        while filled < bytes.count {
            let count = try bytes.withUnsafeMutableBytes {
                try read(descriptor, into: UnsafeMutableRawBufferPointer(rebasing: $0[filled...]), path: path)
            }
            if count == 0 { break }
            filled += count
        }
        return filled
    }

    private static func read(
        _ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, path: String
    ) throws -> Int {
        while true {
            let count = Foundation.read(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            guard errno == EINTR else { throw MissingFile(path: path, reason: "cannot be read: \(systemError)") }
        }
    }
}
