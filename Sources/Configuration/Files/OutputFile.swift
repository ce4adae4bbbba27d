import Domain
package import Foundation

/// A file that appears under its name only when it is complete: it is written beside it and then renamed.
///
/// Until then it has an unused random name, and only its owner may read it. A symbolic link at the final name is replaced,
/// never followed. Write it in parts, then call `commit` or `discard`.
package struct OutputFile {
    /// The final location.
    package let url: URL
    /// The path until `commit`. Libraries that write to a path may open and fill this file; they must not replace it.
    package let temporaryPath: String
    private let file: FileWriter
    private let identity: FileIdentity
    /// The permissions after `commit`.
    private let mode: mode_t

    /// Begins a file and creates its folder if necessary.
    ///
    /// - Parameters:
    ///   - mode: its permissions before the umask is applied.
    ///   - mayReplaceDatabase: whether it may replace an SQLite database.
    /// - Throws: `UnwritableFile`, also if the name is that of a folder, a device, a ledger, or a database that it may not replace.
    package init(at url: URL, mode: mode_t, mayReplaceDatabase: Bool = false) throws {
        self.url = url
        try Self.checkTarget(url)
        try Self.checkIsNoLedger(url)
        if !mayReplaceDatabase { try Self.checkIsNoDatabase(url) }
        let folder = url.deletingLastPathComponent()
        let temporary = TemporaryName(of: url.lastPathComponent)
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try temporary.removeRemains(in: folder)
        } catch {
            throw UnwritableFile(path: folder.relativePath, reason: error.localizedDescription)
        }
        temporaryPath = folder.appending(path: temporary.random()).path
        file = try FileWriter(newFileAt: temporaryPath, name: url.relativePath, mode: mode)
        let status = try file.status()
        identity = FileIdentity(status)
        self.mode = status.st_mode & 0o777
        try file.setPermissions(0o600)
    }

    /// A rename would replace a device, and would fail on a folder only after everything is written.
    private static func checkTarget(_ url: URL) throws {
        var status = stat()
        guard stat(url.path, &status) == 0, status.st_mode & S_IFMT != S_IFREG else { return }
        let isFolder = status.st_mode & S_IFMT == S_IFDIR
        throw UnwritableFile(
            path: url.relativePath, reason: isFolder ? "it is a folder" : "it is not a regular file",
            advice: "name another file")
    }

    /// A report or log that is named after a database by mistake must not destroy it.
    private static func checkIsNoDatabase(_ url: URL) throws {
        try checkHasNoLog(url)
        // An unreadable file is replaced: the permissions of the folder decide.
        let header = try? FileHandle(forReadingAtPath: url.path)?.read(upToCount: 16)
        guard header == Data("SQLite format 3\0".utf8) else { return }
        throw UnwritableFile(path: url.relativePath, reason: "it is a database", advice: "name another file")
    }

    /// A lost ledger of released figures cannot be recreated.
    private static func checkIsNoLedger(_ url: URL) throws {
        let beginning = Data("\(Releases.ledgerBeginning)\t".utf8)
        let found = try? FileHandle(forReadingAtPath: url.path)?.read(upToCount: beginning.count)
        guard found == beginning else { return }
        throw UnwritableFile(
            path: url.relativePath, reason: "it is a ledger of released figures", advice: "name another file")
    }

    /// SQLite would apply the logs beside a database to the file that replaces it.
    private static func checkHasNoLog(_ url: URL) throws {
        for ending in ["-wal", "-shm", "-journal"] where FileIdentity(ofNameAt: url.path + ending) != nil {
            throw UnwritableFile(
                path: url.relativePath, reason: "it is the name of a database in use, with '\(ending)' beside it",
                advice: "name another file")
        }
    }

    /// Appends a text in UTF-8.
    package func write(_ text: String) throws {
        try file.write(text)
    }

    /// Appends bytes.
    package func write(_ bytes: UnsafeRawBufferPointer) throws {
        try file.write(bytes)
    }

    /// Appends bytes.
    package func write(_ bytes: [UInt8]) throws {
        try file.write(bytes)
    }

    /// Makes the file durable and gives it its name. Blocks until it is on the disk.
    ///
    /// - Throws: `UnwritableFile`; an older file of that name is unchanged then.
    package func commit() throws {
        try file.setPermissions(mode)
        try file.synchronize()
        guard FileIdentity(ofNameAt: temporaryPath) == identity else {
            throw UnwritableFile(
                path: url.relativePath, reason: "another program replaced it while it was written",
                advice: "find out which, and try again")
        }
        try Self.checkHasNoLog(url)
        guard rename(temporaryPath, url.path) == 0 else {
            throw UnwritableFile(path: url.relativePath, reason: systemError)
        }
    }

    /// The number of bytes written so far.
    package func size() throws -> Int { Int(try file.status().st_size) }

    /// Removes the unfinished file.
    package func discard() {
        guard FileIdentity(ofNameAt: temporaryPath) == identity else { return }
        unlink(temporaryPath)
    }
}

/// The names of unfinished files beside the final one: `.NAME.PROCESS-RANDOM.part`.
private struct TemporaryName {
    private static let suffix = ".part"
    private static let randomDigits = 16
    private let prefix: String

    init(of name: String) { prefix = ".\(name)." }

    func random() -> String {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        let padding = String(repeating: "0", count: Self.randomDigits - digits.count)
        return "\(prefix)\(getpid())-\(padding)\(digits)\(Self.suffix)"
    }

    /// The id of the process that writes a file of this name; `nil` for names of other forms.
    private func process(of name: String) -> pid_t? {
        guard name.hasPrefix(prefix), name.hasSuffix(Self.suffix) else { return nil }
        let parts = name.dropFirst(prefix.count).dropLast(Self.suffix.count).split(
            separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let process = pid_t(parts[0]), process > 0, parts[1].count == Self.randomDigits,
            parts[1].allSatisfy(\.isHexDigit)
        else { return nil }
        return process
    }

    /// Removes unfinished files of killed processes of this user.
    func removeRemains(in folder: URL) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            guard let process = process(of: name), kill(process, 0) != 0, errno == ESRCH else { continue }
            let path = folder.appending(path: name).path
            var status = stat()
            guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid() else {
                continue
            }
            unlink(path)
        }
    }
}
