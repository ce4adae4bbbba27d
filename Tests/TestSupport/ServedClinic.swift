import Foundation

/// A clinic in a folder, imported, with a secret for tokens: what a server needs.
public struct ServedClinic: Sendable {
    /// Where it is, with its `avicenna.yaml`.
    public let folder: TemporaryFolder

    /// A clinic whose settings have further lines.
    ///
    /// - Parameter isEmpty: whether nothing is imported, and there is no database yet.
    public init(settings: String = "", isEmpty: Bool = false) async throws {
        folder = try TemporaryFolder()
        try folder.addClinic()
        try folder.write(String(repeating: "k", count: 40), to: "secret")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: folder.path("secret"))
        try folder.write("token_secret_file: secret\n" + settings, to: "avicenna.yaml")
        guard !isEmpty else { return }
        let run = try await shell("avicenna import in")
        guard run.status == 0 else {
            throw CocoaError(.fileReadCorruptFile, userInfo: [NSDebugDescriptionErrorKey: run.errors])
        }
    }

    /// Runs shell commands in its folder, as `CommandRun.shell` does.
    public func shell(_ script: String) async throws -> CommandRun {
        try await CommandRun.shell(script, in: folder)
    }

    /// Runs a script of `Tests/Scripts` in its folder, as `CommandRun.script` does.
    public func script(_ name: String, _ arguments: String...) async throws -> CommandRun {
        try await CommandRun.script(name, arguments: arguments, in: folder)
    }

    /// Computes and publishes, without reports.
    public func publish(asOf: String = "2026-10-20") async throws -> CommandRun {
        try await shell("avicenna run nightly --as-of \(asOf) --only effectiveness,trends,cohorts,scores -q")
    }

    /// The rows of a table of results, by ascending recommendation.
    public func results(_ table: String) async throws -> [[String: String]] {
        let lines = try await shell("avicenna results \(table) --format csv").output.split(whereSeparator: \.isNewline)
        let columns = lines[0].split(separator: ",").map(String.init)
        return lines.dropFirst().map { line in
            // A comma inside quotes separates nothing.
            var cells = [""]
            var isQuoted = false
            for character in line {
                if character == "\"" { isQuoted.toggle() }
                if character == ",", !isQuoted { cells.append("") } else { cells[cells.count - 1].append(character) }
            }
            return Dictionary(uniqueKeysWithValues: zip(columns, cells))
        }
    }

    /// The recommendations of a diagnosis that have cases, ascending, with their cases and successes over all days.
    public func tallies(of diagnosis: Int) async throws -> [(recommendation: Int, samples: Int, successes: Int)] {
        let own = try await shell(
            "sqlite3 avicenna.db 'SELECT recommendation_id FROM recommendations WHERE diagnosis_id = \(diagnosis)'"
        ).output.split(separator: "\n").map(String.init)
        return try await results("effectiveness --level recommendation --window all").compactMap { row in
            guard let subject = row["subject"], own.contains(subject),
                let samples = row["samples"].flatMap({ Int($0) }),
                let successes = row["successes"].flatMap({ Int($0) }), let recommendation = Int(subject)
            else { return nil }
            return (recommendation, samples, successes)
        }
    }

    /// A token, such as of `--admin`.
    public func token(_ options: String) async throws -> String {
        try await shell("avicenna token \(options)").output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// A set of tokens that `signed_tokens.py` makes.
    public func signedTokens(_ set: String) async throws -> [String] {
        let run = try await script("signed_tokens.py", set)
        guard run.status == 0 else {
            throw CocoaError(.executableLoad, userInfo: [NSDebugDescriptionErrorKey: run.errors])
        }
        return run.output.split(separator: "\n").map(String.init)
    }

    /// Follows a diagnosis of a relay.
    public func follow(
        _ relay: ServerProcess, _ diagnosis: Int, _ token: String, since: Int? = nil, receiveBuffer: Int32? = nil
    ) throws -> RawWebSocket {
        try RawWebSocket(
            port: relay.port, path: "/ws/\(diagnosis)" + (since.map { "?since=\($0)" } ?? ""),
            headers: "Authorization: Bearer \(token)\r\n", receiveBuffer: receiveBuffer)
    }

    /// The code and reason of the close that comes next, whatever comes before it.
    public func closeCode(_ socket: RawWebSocket) throws -> (code: Int?, reason: String) {
        while true {
            let frame = try socket.read()
            if frame.opcode == 8 {
                return (frame.closeCode, String(decoding: frame.payload.dropFirst(2), as: UTF8.self))
            }
        }
    }
}
