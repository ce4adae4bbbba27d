import Foundation

/// A server of a database, as long as the test holds it.
public final class ServerProcess: Sendable {
    /// Where it listens.
    public let port: Int
    /// Where it serves metrics without a token; `nil` where it does not.
    public let metricsPort: Int?
    private let process: ChildProcess
    /// Where it runs, which is to stay as long as it does.
    private let folder: TemporaryFolder
    private let log: TemporaryFolder

    /// Starts it; it listens when this returns.
    ///
    /// - Parameters:
    ///   - folder: where it runs, with its `avicenna.yaml`.
    ///   - command: what serves, `relay` or `serve`.
    ///   - port: where it is to listen; any that is free without it.
    public init(in folder: TemporaryFolder, command: String = "relay", port: Int = 0) async throws {
        self.folder = folder
        let log = try TemporaryFolder()
        self.log = log
        let script = "cd '\(folder.url.path)' && exec '\(try Repository.binary.path)' \(command) --port \(port)"
        let process = try await CommandRun.start("/bin/sh", ["-c", script], in: log)
        self.process = process
        var listening: (port: Int?, metricsPort: Int?)?
        try await waitUntil("\(command) listens", timeout: .seconds(120)) {
            let hasEnded = !process.isRunning
            let text = try log.read(".stderr")
            // As text, or as a member of a line of JSON.
            listening = text.firstMatch(
                of: /listening at [^",\n]*:([0-9]+)(, metrics at [^",\n]*:([0-9]+))?["\n]/
            ).map { (Int($0.1), $0.3.flatMap { Int($0) }) }
            if listening == nil, hasEnded {
                throw CocoaError(
                    .executableLoad,
                    userInfo: [
                        NSDebugDescriptionErrorKey: "\(command) ended by \(try await process.waitUntilExit()): \(text)"
                    ])
            }
            return listening != nil
        }
        self.port = listening?.port ?? 0
        metricsPort = listening?.metricsPort
    }

    /// Sends it a signal and waits for its end.
    ///
    /// - Returns: its exit status; `nil` where the signal ended it.
    @discardableResult
    public func end(with signal: Int32) async throws -> Int32? {
        guard case .exit(let status) = try await process.end(with: signal) else { return nil }
        return status
    }

    /// What it said on stderr.
    public var errors: String {
        get throws { try log.read(".stderr") }
    }

    /// What it said on stderr, once that holds a text.
    ///
    /// - Throws: `WaitTimeout` where it does not within a minute.
    public func errors(once text: String) async throws -> String {
        try await log.read(".stderr") { $0.contains(text) }
    }

    /// Its resident memory, in bytes.
    public var residentBytes: Int {
        process.residentMemory
    }
}
