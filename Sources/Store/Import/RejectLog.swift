import Configuration
import Domain
import Foundation

/// Collects rejects and writes them to a CSV file, which appears whole, and only if there are any.
///
/// A list of an earlier import is replaced or taken away, so that none is taken for that of this one. Any other file of its
/// name is left alone. Where the list cannot be written, the import goes on, and the first rejects are reported instead.
final class RejectLog {
    /// An import that has failed already ends after this many rejects.
    static let mostListed = 10_000
    /// Rejects that are reported one by one where there is no list.
    static let mostReported = 20

    private static let header = "file,line,column,reason\n"

    private let path: String
    private let allowed: Int?
    private let report: (Reject) -> Void
    private var file: OutputFile?
    private var failure: (any Error)?
    private var pending = ""
    private var count = 0
    private var first: [Reject] = []

    /// - Parameters:
    ///   - allowed: how many rejects leave the import alive; `nil` for any number.
    ///   - report: called with each of the first rejects where the list cannot be written.
    /// - Throws: `UnwritableFile` where a file of that name is there that is not a list of rejects.
    init(path: String, allowed: Int?, report: @escaping (Reject) -> Void = { _ in }) throws {
        self.path = path
        self.allowed = allowed
        self.report = report
        guard Self.mayReplace(path) else {
            throw UnwritableFile(
                path: path, reason: "it is there and is not a list of rejects; name another file with --rejects")
        }
    }

    /// Whether there is nothing of that name, or a list of rejects.
    private static func mayReplace(_ path: String) -> Bool {
        var status = stat()
        guard lstat(path, &status) == 0 else { return true }
        guard status.st_mode & S_IFMT == S_IFREG, let file = FileHandle(forReadingAtPath: path) else { return false }
        // One that cannot be read is not taken for ours.
        let start = (try? file.read(upToCount: header.utf8.count)) ?? nil
        return status.st_size == 0 || start == Data(header.utf8)
    }

    /// Notes a reject.
    ///
    /// - Throws: `ImportError.rejected` once going on would only make the list longer.
    func add(_ reject: Reject) throws {
        if count == 0 { pending += Self.header }
        count += 1
        if first.count < Self.mostReported { first.append(reject) }
        pending += "\(quoted(reject.file)),\(reject.line),\(quoted(reject.column)),\(quoted(reject.reason))\n"
        if pending.utf8.count > 1 << 20 { flush() }
        if let allowed, count > max(allowed, Self.mostListed) {
            commit()
            throw verdict(first[0], stopped: true)
        }
    }

    /// Gives the list its name, and says whether the import may stand.
    ///
    /// - Returns: why the list could not be written; `nil` where it was, or where there is none.
    /// - Throws: `ImportError.rejected`.
    func finish() throws -> (any Error)? {
        commit()
        if let first = first.first, let allowed, count > allowed { throw verdict(first, stopped: false) }
        return failure
    }

    private func verdict(_ first: Reject, stopped: Bool) -> ImportError {
        .rejected(count: count, stopped: stopped, first: first, rejects: failure == nil ? path : nil)
    }

    private func flush() {
        guard !pending.isEmpty, failure == nil else { return }
        do {
            let file = try self.file ?? OutputFile(at: URL(filePath: path), mode: 0o600)
            self.file = file
            try file.write(pending)
        } catch {
            failure = error
            file?.discard()
        }
        pending = ""
    }

    private func commit() {
        flush()
        do {
            if failure == nil, let file { try file.commit() }
        } catch {
            failure = error
            file?.discard()
        }
        // Else an earlier list would be taken for this import's.
        if count == 0 || failure != nil { unlink(path) }
        if failure != nil { first.forEach(report) }
        file = nil
    }

    /// A field as CSV has it, safe to open in a spreadsheet.
    private func quoted(_ text: String) -> String {
        "\"\(text.withFormulaGuard.replacing("\"", with: "\"\""))\""
    }
}
