import Foundation
import Testing
import TestSupport

/// Killed at any moment, nothing is lost and the next command needs no repair.
struct KilledProcessTests {
    private let folder: TemporaryFolder
    private let binary: String

    init() throws {
        folder = try TemporaryFolder()
        binary = try Repository.binary.path
        #expect(try CommandRun.avicenna("demo", "clinic", "--feedback", "20000", in: folder).status == 0)
    }

    /// Starts a command, lets it come some way, which differs from try to try, and kills it.
    private func killed(_ arguments: [String], after moment: Duration) throws -> Bool {
        let process = try CommandRun.start(binary, arguments, in: folder)
        let end = ContinuousClock.now + moment
        while ContinuousClock.now < end, process.isRunning {}
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        return process.terminationReason == .uncaughtSignal
    }

    /// Starts a command, lets it come some way, and asks it to end.
    private func stopped(_ arguments: [String], after moment: Duration) throws -> Int32 {
        let process = try CommandRun.start(binary, arguments, in: folder)
        let end = ContinuousClock.now + moment
        while ContinuousClock.now < end, process.isRunning {}
        process.terminate()
        process.waitUntilExit()
        // Before it listens it ends as any program does.
        return process.terminationReason == .exit ? process.terminationStatus : 75
    }

    private func digest() throws -> String? {
        let run = try CommandRun.avicenna("run", "nightly", "--as-of", "2026-09-30", "-v", in: folder)
        #expect(run.status == 0, "\(run.errors)")
        return run.output.split(separator: "\n").first { $0.hasPrefix("digest") }.map(String.init)
    }

    @Test func anImportAndARunCanBeKilledAnywhere() throws {
        #expect(try CommandRun.avicenna("import", "clinic", "--database", "whole.db", in: folder).status == 0)
        let whole = try CommandRun.avicenna(
            "run", "nightly", "--as-of", "2026-09-30", "--database", "whole.db", in: folder)
        let expected = whole.output.split(separator: "\n").first { $0.hasPrefix("digest") }.map(String.init)

        var kills = 0
        for step in 1...8 where try killed(["import", "clinic"], after: .milliseconds(step * 60)) { kills += 1 }
        #expect(try CommandRun.avicenna("import", "clinic", in: folder).status == 0)
        let days = ["2026-07-31", "2026-08-31"]
        for step in 1...12
        where try killed(["run", "nightly", "--as-of", days[step % 2]], after: .milliseconds(step * 50)) {
            kills += 1
        }
        for step in 1...8 {
            let status = try stopped(["run", "nightly", "--as-of", days[step % 2]], after: .milliseconds(step * 40))
            #expect(status == 0 || status == 75, "\(status)")
        }
        #expect(kills > 0, "no process was killed before it ended")
        #expect(try digest() == expected)
        // What was killed while it ran is told as such, by the run that came after it.
        let statuses = Set(
            try CommandRun.avicenna("runs", "--limit", "99", "--format", "csv", in: folder).output.split(
                separator: "\n"
            )
            .dropFirst().map { $0.split(separator: ",")[4] })
        #expect(statuses.subtracting(["stopped"]) == ["succeeded", "died"])
        let check = try CommandRun.shell(
            "sqlite3 avicenna.db 'PRAGMA integrity_check; PRAGMA foreign_key_check'", in: folder)
        #expect(check.output == "ok\n", "\(check.errors)")
    }
}
