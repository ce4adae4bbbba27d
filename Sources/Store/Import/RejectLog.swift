import Domain

/// Collects rejects and writes them to a CSV file, which appears only if there are any.
final class RejectLog {
    /// Without leave to go on, this many rejects are enough to see what is wrong.
    static let mostListed = 10_000

    private let path: String
    private let allowed: Int?
    private var file: FileWriter?
    private var pending = ""
    private var count = 0
    private var first: Reject?

    /// - Parameter allowed: how many rejects leave the import alive; `nil` for any number.
    init(path: String, allowed: Int?) {
        self.path = path
        self.allowed = allowed
    }

    /// Notes a reject.
    ///
    /// - Throws: `ImportError.rejected` once going on would only make the list longer.
    func add(_ reject: Reject) throws {
        let first = self.first ?? reject
        if self.first == nil {
            self.first = reject
            pending += "file,line,column,reason\n"
        }
        count += 1
        pending += "\(quoted(reject.file)),\(reject.line),\(quoted(reject.column)),\(quoted(reject.reason))\n"
        if pending.utf8.count > 1 << 20 { try flush() }
        if let allowed, count > max(allowed, Self.mostListed) {
            try flush()
            throw verdict(first, stopped: true)
        }
    }

    /// Writes what is pending and says whether the import may stand.
    func finish() throws {
        try flush()
        if let first, let allowed, count > allowed { throw verdict(first, stopped: false) }
    }

    private func verdict(_ first: Reject, stopped: Bool) -> ImportError {
        .rejected(count: count, stopped: stopped, first: first, rejects: path)
    }

    private func flush() throws {
        guard !pending.isEmpty else { return }
        let file = try self.file ?? FileWriter(path: path, mode: 0o600)
        self.file = file
        try file.write(pending)
        pending = ""
    }

    private func quoted(_ text: String) -> String {
        "\"\(text.replacing("\"", with: "\"\""))\""
    }
}
