public import Domain
import GRDB
public import Store

extension SQLiteDatabase {
    /// Notes that a run has begun.
    public func beginRun(_ run: RunStart) throws -> RunID {
        try write { db in
            try db.execute(
                sql: """
                    INSERT INTO runs
                        (job, as_of, trigger, started_at, status, software_version, model_version, settings)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    run.job, run.asOf.daysSinceEpoch, run.trigger.rawValue, run.startedAt.microseconds,
                    RunStatus.running.rawValue, run.softwareVersion, run.modelVersion, run.settings.description,
                ])
            return RunID(rawValue: db.lastInsertedRowID)
        }
    }

    /// Notes the digest of what a run published.
    public func noteDigest(_ digest: String, of id: RunID) throws {
        try write { db in
            try db.execute(sql: "UPDATE runs SET digest = ? WHERE run_id = ?", arguments: [digest, id.rawValue])
        }
    }

    /// Notes how a run ended.
    public func finishRun(_ id: RunID, _ end: RunEnd) throws {
        try write { db in
            try db.execute(
                sql: "UPDATE runs SET ended_at = ?, status = ?, error = ?, deltas = ? WHERE run_id = ?",
                arguments: [
                    end.endedAt.microseconds, end.status.rawValue, end.error, end.deltas, id.rawValue,
                ])
            for stage in end.stages {
                try db.execute(
                    sql: """
                        INSERT INTO run_stages (run_id, stage, rows_read, rows_written, seconds, memory, digest)
                        VALUES (?, ?, ?, ?, ?, ?, ?)
                        """,
                    arguments: [
                        id.rawValue, stage.stage.rawValue, stage.rowsRead, stage.rowsWritten, stage.seconds,
                        stage.memory, stage.digest,
                    ])
            }
        }
    }

    /// Notes that runs which never ended have died.
    public func noteDeaths() throws -> [RunRecord] {
        let dead = try read { try RunTable(db: $0).runs(with: .running) }
        guard !dead.isEmpty else { return [] }
        try write { db in
            try db.execute(
                sql: "UPDATE runs SET status = ? WHERE status = ?",
                arguments: [RunStatus.died.rawValue, RunStatus.running.rawValue])
        }
        return dead
    }

    /// The names of the jobs that ever ran, sorted.
    public func jobNames() throws -> [String] {
        try read { try String.fetchAll($0, sql: "SELECT DISTINCT job FROM runs ORDER BY job") }
    }

    /// The newest run of a job; `nil` where it never ran.
    public func latestRun(of job: String) throws -> RunRecord? {
        try read { try RunTable(db: $0).latestRun(of: job) }
    }

    /// The newest run of a job that published and wrote its reports; `nil` where there is none.
    public func latestRunDone(of job: String) throws -> RunRecord? {
        try read { try RunTable(db: $0).latestRunDone(of: job) }
    }

    /// The latest day, up to `day`, that a job published and wrote its reports for; `nil` where there is none.
    public func latestDayDone(by job: String, upTo day: Day) throws -> Day? {
        try read { db in
            try Int64.fetchOne(
                db, sql: "SELECT max(as_of) FROM runs WHERE job = ? AND status IN (?, ?) AND as_of <= ?",
                arguments: [
                    job, RunStatus.succeeded.rawValue, RunStatus.undelivered.rawValue, day.daysSinceEpoch,
                ]
            ).flatMap(Day.init(stored:))
        }
    }

    /// The newest run of a job that its schedule asked for, that began before an instant, and that neither died nor was
    /// stopped; `nil` where there is none.
    public func latestScheduledRun(of job: String, before: Instant) throws -> RunRecord? {
        try read { try RunTable(db: $0).latestScheduledRun(of: job, before: before) }
    }

    /// What is noted of a run; `nil` where there is none of that number.
    public func run(_ id: RunID) throws -> RunRecord? {
        try read { try RunTable(db: $0).run(id) }
    }

    /// The run that published results of the latest day up to `day`, the newest of several; `nil` where there is none.
    public func runOfLatestDay(upTo day: Day) throws -> RunRecord? {
        try read { try RunTable(db: $0).runOfLatestDay(upTo: day) }
    }

    /// The newest runs first, at most `limit`.
    public func runs(limit: Int) throws -> [RunRecord] {
        try read { try RunTable(db: $0).runs(limit: limit) }
    }
}

/// Reads what is noted of runs, inside one transaction.
struct RunTable {
    let db: GRDB.Database

    func run(_ id: RunID) throws -> RunRecord? {
        try GRDB.Row.fetchOne(db, sql: "SELECT * FROM runs WHERE run_id = ?", arguments: [id.rawValue])
            .flatMap { try record($0) }
    }

    func latestRun(of job: String) throws -> RunRecord? {
        try newest("job = ?", [job])
    }

    func latestRunDone(of job: String) throws -> RunRecord? {
        try newest(
            "job = ? AND status IN (?, ?)", [job, RunStatus.succeeded.rawValue, RunStatus.undelivered.rawValue])
    }

    func latestScheduledRun(of job: String, before: Instant) throws -> RunRecord? {
        try newest(
            "job = ? AND trigger = ? AND status NOT IN (?, ?) AND started_at < ?",
            [
                job, RunTrigger.schedule.rawValue, RunStatus.died.rawValue, RunStatus.stopped.rawValue,
                before.microseconds,
            ])
    }

    func runOfLatestDay(upTo day: Day) throws -> RunRecord? {
        try GRDB.Row.fetchOne(
            db,
            sql: """
                SELECT * FROM runs WHERE digest IS NOT NULL AND as_of <= ? ORDER BY as_of DESC, run_id DESC LIMIT 1
                """,
            arguments: [day.daysSinceEpoch]
        ).flatMap { try record($0) }
    }

    private func newest(_ condition: String, _ arguments: StatementArguments) throws -> RunRecord? {
        try GRDB.Row.fetchOne(
            db, sql: "SELECT * FROM runs WHERE \(condition) ORDER BY run_id DESC LIMIT 1", arguments: arguments
        ).flatMap { try record($0) }
    }

    func runs(with status: RunStatus) throws -> [RunRecord] {
        try GRDB.Row.fetchAll(
            db, sql: "SELECT * FROM runs WHERE status = ? ORDER BY run_id", arguments: [status.rawValue]
        ).compactMap { try record($0) }
    }

    /// The newest first.
    func runs(before: RunID? = nil, limit: Int) throws -> [RunRecord] {
        try GRDB.Row.fetchAll(
            db, sql: "SELECT * FROM runs WHERE run_id < ? ORDER BY run_id DESC LIMIT ?",
            arguments: [before?.rawValue ?? .max, limit]
        ).compactMap { try record($0) }
    }

    private func record(_ row: GRDB.Row) throws -> RunRecord? {
        let id = RunID(rawValue: try row.known("run_id"))
        guard let trigger = RunTrigger(rawValue: try row.known("trigger")),
            let status = RunStatus(rawValue: try row.known("status")),
            let settings = RunSettings(try row.known("settings"))
        else { return nil }
        let start = RunStart(
            job: try row.known("job"), asOf: try row.day("as_of"), trigger: trigger,
            startedAt: try row.instant("started_at"), softwareVersion: try row.known("software_version"),
            modelVersion: try row.known("model_version"), settings: settings)
        let endedAt: Int64? = try row.known("ended_at")
        let end = try endedAt.map { _ in
            RunEnd(
                endedAt: try row.instant("ended_at"), status: status, error: try row.known("error"),
                stages: try stages(of: id), deltas: try row.known("deltas"))
        }
        return RunRecord(id: id, start: start, status: status, digest: try row.known("digest"), end: end)
    }

    private func stages(of run: RunID) throws -> [StageRecord] {
        try GRDB.Row.fetchAll(db, sql: "SELECT * FROM run_stages WHERE run_id = ?", arguments: [run.rawValue])
            .compactMap { row in
                try Stage(rawValue: row.known("stage")).map {
                    StageRecord(
                        stage: $0, rowsRead: try row.known("rows_read"), rowsWritten: try row.known("rows_written"),
                        seconds: try row.known("seconds"), memory: try row.known("memory"),
                        digest: try row.known("digest"))
                }
            }
            .sorted { $0.stage.ordinal < $1.stage.ordinal }
    }
}
