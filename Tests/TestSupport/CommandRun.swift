import Foundation

/// What a command printed and how it ended.
public struct CommandRun: Sendable {
    /// Exit status.
    public let status: Int32
    /// What it wrote to stdout.
    public let output: String
    /// What it wrote to stderr.
    public let errors: String

    /// Runs the binary in a folder and waits for its end.
    public static func avicenna(
        _ arguments: String..., in folder: TemporaryFolder, environment: [String: String] = [:]
    ) async throws -> Self {
        try await run(Repository.binary.path, arguments, in: folder, environment: environment)
    }

    /// Runs a shell script in which `avicenna` is the binary, `$BINARY` its path, and `$SCRIPTS` the folder of scripts.
    public static func shell(
        _ script: String, in folder: TemporaryFolder, environment: [String: String] = [:]
    ) async throws -> Self {
        let variables = ["BINARY": try Repository.binary.path, "SCRIPTS": Repository.scripts.path]
        return try await run(
            "/bin/bash", ["-c", "avicenna() { \"$BINARY\" \"$@\"; }; \(script)"], in: folder,
            environment: variables.merging(environment) { $1 })
    }

    private static func run(
        _ program: String, _ arguments: [String], in folder: TemporaryFolder, environment: [String: String]
    ) async throws -> Self {
        let process = try await start(program, arguments, in: folder, environment: environment)
        return Self(
            status: try await process.terminationStatus, output: try folder.read(".stdout"),
            errors: try folder.read(".stderr"))
    }

    /// Starts a program whose output goes to files in the folder, so that no pipe can fill up.
    public static func start(
        _ program: String, _ arguments: [String], in folder: TemporaryFolder, environment: [String: String] = [:]
    ) async throws -> ChildProcess {
        var variables = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("AVICENNA_") }
        variables["AVICENNA_JOBS"] = Repository.root.appending(path: "jobs").path
        variables["AVICENNA_REPORTS"] = Repository.root.appending(path: "reports").path
        variables.merge(environment) { $1 }
        return try await ChildProcess(
            program, arguments, in: folder.url.path, environment: variables, output: folder.path(".stdout"),
            errors: folder.path(".stderr"))
    }
}
