import Domain
import Store
import TestSupport
import Testing

/// Runs are recorded when they begin and end, and found by job, day and schedule.
@Suite(.timeLimit(.minutes(30))) struct RunHistoryTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func start(
        _ job: String = "nightly", _ asOf: String = "2026-10-01", _ trigger: RunTrigger = .schedule,
        at second: Int64 = 0
    ) throws -> RunStart {
        let zone = try #require(ClinicTimeZone(identifier: "Asia/Tehran"))
        return RunStart(
            job: job, asOf: day(asOf), trigger: trigger, startedAt: Instant(seconds: second), softwareVersion: "1.2",
            modelVersion: "m", settings: RunSettings(timezone: zone, successRating: try #require(Rating(3))))
    }

    private func end(_ status: RunStatus) -> RunEnd {
        RunEnd(endedAt: Instant(microseconds: 9_000_001), status: status, error: nil, stages: [])
    }

    @Test("a run is read as it was recorded", arguments: StorageEngine.all)
    func recording(engine: StorageEngine) throws {
        let database = try engine.open(in: folder)
        #expect(try database.run(RunID(rawValue: 1)) == nil && database.runs(limit: 5).isEmpty)
        let start = try start("nächtlich", "2026-10-01", .feedback, at: -5)
        let id = try database.beginRun(start)
        #expect(
            try database.run(id) == RunRecord(id: id, start: start, status: .running, digest: nil, end: nil))
        try database.noteDigest("abc", of: id)
        let stages = [
            StageRecord(stage: .effectiveness, rowsRead: 1, rowsWritten: 2, seconds: 0.5, memory: 1 << 40, digest: "d"),
            StageRecord(stage: .scores, rowsRead: 0, rowsWritten: 3, seconds: 1e-6, memory: 0),
        ]
        let end = RunEnd(
            endedAt: Instant(seconds: 5), status: .failed, error: "no\nroom", stages: stages.reversed(), deltas: 7)
        try database.finishRun(id, end)
        var sorted = end
        sorted.stages = stages
        let record = RunRecord(id: id, start: start, status: .failed, digest: "abc", end: sorted)
        #expect(try database.run(id) == record)
        #expect(try engine.open(in: folder).run(id) == record)
        #expect(try database.readPublished { try $0.run(id) } == record)
        #expect(record.rowsWritten == 5 && record.seconds == 10)
    }

    @Test("runs are numbered in their order, and listed from the newest", arguments: StorageEngine.all)
    func order(engine: StorageEngine) throws {
        let database = try engine.open(in: folder)
        let ids = try ["b", "a", "b"].map { try database.beginRun(try start($0)) }
        #expect(ids == ids.sorted() && Set(ids).count == 3)
        #expect(try database.runs(limit: 2).map(\.id) == [ids[2], ids[1]])
        #expect(try database.readPublished { try $0.runs(before: ids[2]) }.map(\.id) == [ids[1], ids[0]])
        #expect(try database.jobNames() == ["a", "b"])
        #expect(try database.latestRun(of: "b")?.id == ids[2] && database.latestRun(of: "c") == nil)
    }

    @Test("runs that published and wrote their reports are done", arguments: StorageEngine.all)
    func done(engine: StorageEngine) throws {
        let database = try engine.open(in: folder)
        let statuses: [(asOf: String, status: RunStatus)] = [
            ("2026-10-03", .succeeded), ("2026-10-02", .undelivered), ("2026-10-04", .incomplete),
            ("2026-10-05", .failed), ("2026-10-06", .stopped),
        ]
        var ids: [RunID] = []
        for (asOf, status) in statuses {
            ids.append(try database.beginRun(try start("nightly", asOf)))
            try database.finishRun(ids[ids.count - 1], end(status))
        }
        #expect(try database.latestRunDone(of: "nightly")?.id == ids[1])
        #expect(try database.latestDayDone(by: "nightly", upTo: day("2026-12-01")) == day("2026-10-03"))
        #expect(try database.latestDayDone(by: "nightly", upTo: day("2026-10-02")) == day("2026-10-02"))
        #expect(try database.latestDayDone(by: "nightly", upTo: day("2026-10-01")) == nil)
        #expect(try database.latestRunDone(of: "other") == nil)
    }

    @Test("schedules count runs that they started and that were not cut off", arguments: StorageEngine.all)
    func scheduled(engine: StorageEngine) throws {
        let database = try engine.open(in: folder)
        let first = try database.beginRun(try start(at: 10))
        try database.finishRun(first, end(.failed))
        let second = try database.beginRun(try start(at: 20))
        try database.finishRun(second, end(.stopped))
        _ = try database.beginRun(try start("nightly", "2026-10-01", .manual, at: 30))
        func latest(before second: Int64) throws -> RunID? {
            try database.latestScheduledRun(of: "nightly", before: Instant(seconds: second))?.id
        }
        #expect(try latest(before: 99) == first && latest(before: 11) == first && latest(before: 10) == nil)
        #expect(try database.latestScheduledRun(of: "other", before: Instant(seconds: 99)) == nil)
    }

    @Test("the run of the latest day is the newest that published results of it", arguments: StorageEngine.all)
    func latestDay(engine: StorageEngine) throws {
        let database = try engine.open(in: folder)
        var ids: [RunID] = []
        for asOf in ["2026-10-03", "2026-10-03", "2026-10-02", "2026-10-04"] {
            ids.append(try database.beginRun(try start("nightly", asOf)))
            if asOf != "2026-10-04" { try database.noteDigest("d", of: ids[ids.count - 1]) }
        }
        #expect(try database.runOfLatestDay(upTo: day("2026-12-01"))?.id == ids[1])
        #expect(try database.runOfLatestDay(upTo: day("2026-10-02"))?.id == ids[2])
        #expect(try database.runOfLatestDay(upTo: day("2026-10-01")) == nil)
    }

    @Test("runs that never ended are recorded as dead once", arguments: StorageEngine.all)
    func deaths(engine: StorageEngine) throws {
        let database = try engine.open(in: folder)
        let ended = try database.beginRun(try start())
        try database.finishRun(ended, end(.succeeded))
        let dead = try [database.beginRun(try start()), database.beginRun(try start("other"))]
        #expect(try database.noteDeaths().map(\.id) == dead)
        #expect(try dead.map { try database.run($0)?.status } == [.died, .died])
        #expect(try database.run(ended)?.status == .succeeded && database.noteDeaths().isEmpty)
    }
}
