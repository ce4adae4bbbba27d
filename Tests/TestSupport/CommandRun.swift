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

    /// Runs shell commands with the functions of `Tests/Scripts/common.sh`, such as `avicenna`, and waits for their end.
    ///
    /// - Parameter script: the commands, in which `$BINARY` is the path of the binary and `$SCRIPTS` that of the folder of
    ///   scripts.
    public static func shell(
        _ script: String, in folder: TemporaryFolder, environment: [String: String] = [:]
    ) async throws -> Self {
        try await run(
            "/bin/bash", ["-c", "source \"$SCRIPTS/common.sh\"; \(script)"], in: folder,
            environment: try variables.merging(environment) { $1 })
    }

    /// Runs a shell script (`.sh`) or a Python program (`.py`) of `Tests/Scripts` and waits for its end.
    ///
    /// Its environment has `BINARY` and `SCRIPTS` as with `shell`.
    public static func script(
        _ name: String, _ arguments: String..., in folder: TemporaryFolder, environment: [String: String] = [:]
    ) async throws -> Self {
        try await script(name, arguments: arguments, in: folder, environment: environment)
    }

    /// Runs a script with arguments that are in an array.
    public static func script(
        _ name: String, arguments: [String], in folder: TemporaryFolder, environment: [String: String] = [:]
    ) async throws -> Self {
        try await run(
            name.hasSuffix(".py") ? "/usr/bin/python3" : "/bin/bash",
            [Repository.scripts.appending(path: name).path] + arguments, in: folder,
            environment: try variables.merging(environment) { $1 })
    }

    /// The variables of the environment that scripts use.
    private static var variables: [String: String] {
        get throws { ["BINARY": try Repository.binary.path, "SCRIPTS": Repository.scripts.path] }
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
