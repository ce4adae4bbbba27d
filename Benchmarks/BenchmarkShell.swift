import TestSupport

/// Runs scripts in a folder of a benchmark.
enum BenchmarkShell {
    /// A script that did not end well.
    struct Failed: Error {
        let script: String
        let errors: String
    }

    /// What a script prints.
    static func output(of script: String, in folder: TemporaryFolder) async throws -> String {
        let run = try await CommandRun.shell(script, in: folder)
        guard run.status == 0 else { throw Failed(script: script, errors: run.errors) }
        return run.output
    }
}
