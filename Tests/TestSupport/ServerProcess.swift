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
    public init(in folder: TemporaryFolder, command: String = "relay", port: Int = 0) throws {
        self.folder = folder
        log = try TemporaryFolder()
        let script = "cd '\(folder.url.path)' && exec '\(try Repository.binary.path)' \(command) --port \(port)"
        process = try CommandRun.start("/bin/sh", ["-c", script], in: log)
        let deadline = ContinuousClock.now + .seconds(60)
        var listening: (port: Int?, metricsPort: Int?)?
        while listening == nil {
            let text = try log.read(".stderr")
            // As text, or as a member of a line of JSON.
            listening = text.firstMatch(
                of: /listening at [^",\n]*:([0-9]+)(, metrics at [^",\n]*:([0-9]+))?["\n]/
            ).map { (Int($0.1), $0.3.flatMap { Int($0) }) }
            guard listening != nil || process.isRunning && ContinuousClock.now < deadline else {
                let state = process.isRunning ? "is silent" : "ended by \(process.waitUntilExit())"
                throw CocoaError(
                    .executableLoad, userInfo: [NSDebugDescriptionErrorKey: "\(command) \(state): \(text)"])
            }
        }
        self.port = listening?.port ?? 0
        metricsPort = listening?.metricsPort
    }

    /// Sends it a signal and waits for its end.
    ///
    /// - Returns: its exit status; `nil` where the signal ended it.
    @discardableResult
    public func end(with signal: Int32) -> Int32? {
        kill(process.processIdentifier, signal)
        guard case .exit(let status) = process.waitUntilExit() else { return nil }
        return status
    }

    /// What it said on stderr.
    public var errors: String {
        get throws { try log.read(".stderr") }
    }

    /// What it said on stderr, once that holds a text, or a minute later.
    public func errors(once text: String) throws -> String {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            let errors = try errors
            if errors.contains(text) { return errors }
        }
        return try errors
    }

    /// Its resident memory, in bytes.
    public var residentBytes: Int {
        process.residentMemory
    }

    deinit {
        if process.isRunning { end(with: SIGKILL) }
    }
}
