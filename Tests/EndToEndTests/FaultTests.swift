import Foundation
import Testing
import TestSupport

/// What goes wrong around a run: it ends with one clear line, harms nothing, and the next run makes up for it.
@Suite(.endToEnd, .timeLimit(.minutes(30))) struct FaultTests {
    private let folder: TemporaryFolder

    init() async throws {
        folder = try TemporaryFolder()
        try folder.addClinic()
        let run = try await script("whole_clinic.sh")
        try #require(run.status == 0, "\(run.errors)")
    }

    private func script(_ name: String) async throws -> CommandRun {
        try await CommandRun.script(name, in: folder, environment: ["AVICENNA_JOBS": "my-jobs"])
    }

    @Test(.enabled("\(Privilege.reason)") { await Privilege.canMount() })
    func disksThatFillUpAtAnyMoment() async throws {
        let run = try await script("full_disk_runs.sh")
        let lines = run.output.split(separator: "\n").map(String.init)
        #expect(lines.first == "ok", "\(run.output)\(run.errors)")
        // Some ended because of the disk, and no other reason was told.
        #expect(lines.dropFirst().allSatisfy { $0.hasSuffix(" 73") || $0.hasSuffix(" 0") }, "\(run.output)")
        #expect(lines.contains { $0.hasSuffix(" 73") }, "\(run.output)")
    }

    @Test(.enabled("\(Privilege.reason)") { await Privilege.canBecomeNobody() })
    func aFolderThatMayOnlyBeReadIsToldAndMadeUpFor() async throws {
        let run = try await script("read_only_folder_runs.sh")
        #expect(run.output == "73\n73\n0\n6\n", "\(run.errors)")
        let errors = run.errors.split(separator: "\n").filter { $0.hasPrefix("avicenna: ") }
        #expect(errors.count == 2, "\(run.errors)")
        #expect(errors.allSatisfy { $0.contains("cannot be written") }, "\(run.errors)")
    }

    @Test func aProcessThatMayNotHaveTheMemoryEndsBeforeItReads() async throws {
        let run = try await script("small_memory_runs.sh")
        #expect(run.output == "69\n69\n69\n0\nok\n", "\(run.errors)")
        let errors = run.errors.split(separator: "\n").filter { $0.hasPrefix("avicenna: ") }
        #expect(errors.count == 3, "\(run.errors)")
        // Without room for threads nothing begins at all.
        #expect(errors.first?.contains("may have 292 MiB of addresses and needs 768") == true, "\(run.errors)")
        for error in errors.dropFirst() {
            #expect(error.contains("the records take about 363 MiB of memory"), "\(run.errors)")
        }
    }

    @Test(.enabled("\(Privilege.reasonOfCompiler)") { await Privilege.canCompile() })
    func aSlowDiskSlowsARunAndDoesNoHarm() async throws {
        // Every write takes a millisecond and every sync 50; at one of the syncs, the process dies in the middle of it.
        let run = try await script("slow_disk_runs.sh")
        let lines = run.output.split(separator: "\n").map(String.init)
        #expect(lines.first == "ok", "\(run.output)\(run.errors)")
        // Some were killed (128 and the signal), and those that ended did what they were to do.
        #expect(lines.contains("137") && lines.dropFirst().allSatisfy { ["137", "0"].contains($0) }, "\(run.output)")
    }

    @Test func aDatabaseThatAnotherProgramHoldsIsWaitedForAndThenGivenUp() async throws {
        // Somebody has it open with SQL and forgot to end a transaction.
        let run = try await script("held_database.sh")
        #expect(run.output == "held\n75\n0\nsame\n", "\(run.output)\(run.errors)")
        #expect(run.errors == "avicenna: avicenna.db: is in use by another process; try again later\n")
    }

    @Test func aClockThatJumpsIsSurvived() async throws {
        let run = try await script("jumping_clock.sh")
        let runs = run.output.split(separator: "\n").filter { !$0.hasPrefix("night as of") }
        // Back and forth within a day runs nothing twice; years ahead does not hold up the nights that follow.
        #expect(
            runs == [
                "2026-10-20,schedule,succeeded", "2098-12-31,schedule,succeeded", "2098-12-30,schedule,succeeded",
                "2098-12-29,schedule,succeeded", "2098-12-28,schedule,succeeded", "2026-10-19,schedule,succeeded",
                "2026-10-18,schedule,succeeded", "same",
            ], "\(run.output)\(run.errors)")
    }
}
