import Configuration
public import Domain
public import Foundation
public import Store

/// How the jobs of a clinic stand, in the text format of Prometheus, for the textfile collector of node_exporter.
public struct RunMetrics: CustomStringConvertible {
    private var text = PrometheusText()

    /// The metrics.
    public var description: String { text.description }

    /// Reads how the jobs stand, and what the records and the ledger hold.
    ///
    /// - Parameter today: the clinic's day.
    public init(of database: any ClinicStore, today: Day, zone: ClinicTimeZone) throws {
        let jobs = try database.jobNames().map { job in
            (name: job, last: try database.latestRun(of: job), done: try database.latestRunDone(of: job))
        }
        func gauge(_ name: String, _ help: String, _ value: (RunRecord) -> Double?) {
            text.add(
                name, .gauge, help,
                jobs.compactMap { job in job.last.flatMap(value).map { .init($0, ["job": job.name]) } })
        }
        gauge("job_last_start_timestamp_seconds", "When the job last began.") { Double($0.start.startedAt.seconds) }
        gauge("job_last_succeeded", "Whether its last run published, and wrote and delivered its reports.") {
            $0.status == .running ? nil : $0.status == .succeeded ? 1 : 0
        }
        gauge("job_last_duration_seconds", "How long its last run took.", \.seconds)
        gauge("job_last_rows_read", "Rows that the stages of its last run worked on.") { run in
            run.end.map { Double($0.stages.reduce(0) { $0 + $1.rowsRead }) }
        }
        gauge("job_last_rows_written", "Result rows that its last run wrote.") { $0.rowsWritten.map(Double.init) }
        gauge("job_last_deltas", "Changes that its last run wrote for live clients.") {
            ($0.end?.deltas).map(Double.init)
        }
        gauge("job_last_memory_bytes", "The most memory of a stage of its last run.") { run in
            run.end?.stages.map(\.memory).max().map(Double.init)
        }
        text.add(
            "job_last_success_timestamp_seconds", .gauge,
            "When the job last ended with results published and reports written.",
            jobs.compactMap { job in job.done?.end.map { .init(Double($0.endedAt.seconds), ["job": job.name]) } })
        text.add(
            "job_last_success_day_timestamp_seconds", .gauge, "The day, at midnight UTC, that it last did so for.",
            jobs.compactMap { job in
                job.done.map { .init(Double($0.start.asOf.daysSinceEpoch) * 86_400, ["job": job.name]) }
            })
        try addDeliveries(of: jobs.compactMap(\.last), in: database)
        text.add(
            "import_rejected_rows", .gauge, "Rows that the newest import left out.",
            try database.latestRejects().map { [.init($0)] } ?? [])
        let pending = try database.pendingFeedback(upTo: today, in: zone)
        text.add(
            "feedback_pending", .gauge, "Feedback that the published results have not seen.", [.init(pending.feedback)])
    }

    private mutating func addDeliveries(of runs: [RunRecord], in database: any ClinicStore) throws {
        var samples: [PrometheusText.Sample] = []
        for run in runs {
            let states = try database.deliveries(of: run.id).map(\.state.status)
            for status in DeliveryStatus.allCases {
                samples.append(
                    .init(states.count { $0 == status }, ["job": run.start.job, "status": status.rawValue]))
            }
        }
        text.add("job_last_deliveries", .gauge, "Deliveries of its last run, by what became of them.", samples)
    }

    /// Writes them to a file that others may read; it is whole at any moment.
    ///
    /// - Throws: `UnwritableFile`; an older file stays then.
    public func write(to url: URL) throws {
        let file = try OutputFile(at: url, mode: 0o644)
        do {
            try file.write(description)
            try file.commit()
        } catch {
            file.discard()
            throw error
        }
    }
}
