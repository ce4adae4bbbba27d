public import Configuration
public import Domain
import Foundation

/// The ledger of released figures: an append-only text file outside of the database and its backups, readable by its owner only.
///
/// Several databases and servers may share one. All calls block; a month that is there is never written again.
public struct ReleaseLedger: Sendable {
    /// What is added to the path of a database to name the ledger beside it.
    public static let ending = ".released"

    /// Where it is: absolute, without symbolic links.
    public let path: String

    /// The ledger at a path, which need not exist.
    public init(at path: String) {
        self.path = canonicalPath(path)
    }

    /// The ledger that the settings name, or else the one beside a database.
    public init(of settings: ReleaseSettings, beside database: some Maintenance) {
        self.init(at: settings.ledger?.path ?? database.companionPath + Self.ending)
    }

    // MARK: Reading

    /// What it holds, once that is on the disk; `nil` where there is no ledger, or nothing but an unfinished header.
    ///
    /// - Throws: `LedgerError` where it is damaged or in use for long; `MissingFile` where it may not be read;
    ///   `UnwritableFile` where it cannot be synced.
    public func read() throws -> LedgerContent? {
        guard let file = try LedgerFile(at: path, forAppending: false) else { return nil }
        return try LedgerParser.parse(file.synchronizedBytes(), path: path).content
    }

    /// By which it shows that the file was written to; `nil` where there is none.
    public var version: LedgerVersion? { LedgerVersion(of: path) }

    /// The permission bits of the file, such as 0o600; `nil` where there is no file.
    public var mode: UInt32? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o777 : nil
    }

    /// What keeps this process from writing the file, or from making it; `nil` where nothing does.
    public var writeProblem: PermissionProblem? {
        let folder = (path as NSString).deletingLastPathComponent
        return PermissionProblem(of: path, access: R_OK | W_OK)
            ?? (mode == nil ? PermissionProblem(of: folder, access: W_OK | X_OK) : nil)
    }

    // MARK: Appending

    /// Runs `body` while no other process may append, with what the ledger holds.
    ///
    /// - Parameter setup: the header of a ledger that is made where there is none.
    /// - Throws: `LedgerError`, `UnwritableFile`; what `body` throws. Months that were appended before stay.
    public func update<Value>(
        settingUp setup: ReleaseSetup, _ body: (inout LedgerUpdate) throws -> Value
    ) throws -> Value {
        guard let file = try LedgerFile(at: path, forAppending: true) else {
            throw UnwritableFile(path: path, reason: "it cannot be made")
        }
        var update = try LedgerUpdate.begin(file, path: path, settingUp: setup)
        return try body(&update)
    }
}

/// A ledger that a process holds the lock of.
public struct LedgerUpdate: ~Copyable {
    /// What the ledger holds now.
    public private(set) var content: LedgerContent
    private let file: LedgerFile
    private var wholeBytes: Int

    private init(_ content: LedgerContent, _ file: LedgerFile, wholeBytes: Int) {
        self.content = content
        self.file = file
        self.wholeBytes = wholeBytes
    }

    /// Reads a ledger, and writes the header where it has none.
    fileprivate static func begin(
        _ file: LedgerFile, path: String, settingUp setup: ReleaseSetup
    ) throws -> LedgerUpdate {
        let found = try LedgerParser.parse(file.synchronizedBytes(), path: path)
        let header = LedgerText.header(setup)
        if found.content == nil { try file.append(header, after: 0) }
        try file.synchronizeFolder()
        guard let content = found.content else {
            return Self(LedgerContent(setup: setup, months: []), file, wholeBytes: header.utf8.count)
        }
        return Self(content, file, wholeBytes: found.wholeBytes)
    }

    /// Appends a month that the ledger lacks, and blocks until it is on the disk.
    ///
    /// - Throws: `LedgerError.unwritable`, `UnwritableFile`.
    public mutating func append(_ month: LedgerMonth) throws {
        precondition(content.month(month.released.month) == nil, "a month is released once")
        let block = try LedgerText.block(month)
        try file.append(block, after: wholeBytes)
        wholeBytes += block.utf8.count
        content.months.append(month)
    }
}

/// By which it shows that a ledger was written to.
public struct LedgerVersion: Equatable, Sendable {
    private let identity: FileIdentity
    private let size: Int64
    private let modified: [Int]

    fileprivate init?(of path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        identity = FileIdentity(status)
        size = Int64(status.st_size)
        modified = [status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
    }
}
