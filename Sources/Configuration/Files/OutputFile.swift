import Domain
package import Foundation

/// A file that appears under its name only when it is whole: it is written beside it and then renamed.
///
/// While it is written it has a random name that nobody else can have taken, and its owner alone may read it. A symbolic link
/// at the final name is replaced, never followed. Write it piece by piece, then call `commit` or `discard`.
package struct OutputFile {
    /// The final place.
    package let url: URL
    /// Where it is until `commit`. Libraries that write to a path may open and fill this file; they must not replace it.
    package let temporaryPath: String
    private let file: FileWriter
    private let identity: FileIdentity
    /// The permissions that it gets with its name.
    private let mode: mode_t

    /// Begins a file, in a folder that is made where it is missing.
    ///
    /// - Parameters:
    ///   - mode: its permissions, from which the process's file mode creation mask is subtracted.
    ///   - mayReplaceDatabase: whether it may take the name of an SQLite database.
    /// - Throws: `UnwritableFile`, also where the name belongs to a folder, to a device, or to a database that it may not replace.
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

    /// A rename would replace a device, and fails on a folder only once everything is written.
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
        // What cannot be read is no reason to refuse: the folder decides who may replace it.
        let header = try? FileHandle(forReadingAtPath: url.path)?.read(upToCount: 16)
        guard header == Data("SQLite format 3\0".utf8) else { return }
        throw UnwritableFile(path: url.relativePath, reason: "it is a database", advice: "name another file")
    }

    /// A ledger of released figures cannot be made again.
    private static func checkIsNoLedger(_ url: URL) throws {
        let beginning = Data("\(Releases.ledgerBeginning)\t".utf8)
        let found = try? FileHandle(forReadingAtPath: url.path)?.read(upToCount: beginning.count)
        guard found == beginning else { return }
        throw UnwritableFile(
            path: url.relativePath, reason: "it is a ledger of released figures", advice: "name another file")
    }

    /// What SQLite keeps beside a database would be applied to the file that takes its name.
    private static func checkHasNoLog(_ url: URL) throws {
        for ending in ["-wal", "-shm", "-journal"] where FileIdentity(ofNameAt: url.path + ending) != nil {
            throw UnwritableFile(
                path: url.relativePath, reason: "it is the name of a database in use, with '\(ending)' beside it",
                advice: "name another file")
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

    /// Writes more.
    package func write(_ bytes: [UInt8]) throws {
        try file.write(bytes)
    }

    /// Makes the file durable and gives it its name. Blocks until it is on the disk.
    ///
    /// - Throws: `UnwritableFile`; an older file of that name stays whole then.
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

    /// Its size in bytes.
    package func size() throws -> Int { Int(try file.status().st_size) }

    /// Removes what was written.
    package func discard() {
        guard FileIdentity(ofNameAt: temporaryPath) == identity else { return }
        unlink(temporaryPath)
    }
}

/// The names that unfinished files have beside their final name: `.NAME.PROCESS-RANDOM.part`.
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

    /// The process that writes a file of this name; `nil` where it is not one of ours.
    private func process(of name: String) -> pid_t? {
        guard name.hasPrefix(prefix), name.hasSuffix(Self.suffix) else { return nil }
        let parts = name.dropFirst(prefix.count).dropLast(Self.suffix.count).split(
            separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let process = pid_t(parts[0]), process > 0, parts[1].count == Self.randomDigits,
            parts[1].allSatisfy(\.isHexDigit)
        else { return nil }
        return process
    }

    /// Removes what killed processes of this user left unfinished.
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
