public import Domain
public import Foundation
public import Store

/// How the jobs of a clinic stand, in the text format of Prometheus, for the textfile collector of node_exporter.
public struct RunMetrics: CustomStringConvertible {
    /// The metrics.
    public private(set) var description = ""

    /// One run's worth of a gauge.
    private typealias Sample = (labels: KeyValuePairs<String, String>, value: Double?)

    /// Reads how the jobs stand, and what the records and the ledger hold.
    ///
    /// - Parameter today: the clinic's day.
    public init(of database: any Database, today: Day, zone: ClinicTimeZone) throws {
        let jobs = try database.jobNames().map { job in
            (name: job, last: try database.latestRun(of: job), done: try database.latestRunDone(of: job))
        }
        func gauge(_ name: String, _ help: String, _ value: (RunRecord) -> Double?) {
            add(name, help, jobs.compactMap { job in job.last.map { (["job": job.name], value($0)) } })
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
        add(
            "job_last_success_timestamp_seconds", "When the job last ended with results published and reports written.",
            jobs.compactMap { job in job.done?.end.map { (["job": job.name], Double($0.endedAt.seconds)) } })
        add(
            "job_last_success_day_timestamp_seconds", "The day, at midnight UTC, that it last did so for.",
            jobs.compactMap { job in
                job.done.map { (["job": job.name], Double($0.start.asOf.daysSinceEpoch) * 86_400) }
            })
        try addDeliveries(of: jobs.compactMap(\.last), in: database)
        add(
            "import_rejected_rows", "Rows that the newest import left out.",
            [([:], try database.latestRejects().map(Double.init))])
        let pending = try database.pendingFeedback(upTo: today, in: zone)
        add("feedback_pending", "Feedback that the published results have not seen.", [([:], Double(pending.feedback))])
    }

    private mutating func addDeliveries(of runs: [RunRecord], in database: any Database) throws {
        var samples: [Sample] = []
        for run in runs {
            let states = try database.deliveries(of: run.id).map(\.state.status)
            for status in DeliveryStatus.allCases {
                samples.append(
                    (["job": run.start.job, "status": status.rawValue], Double(states.count { $0 == status })))
            }
        }
        add("job_last_deliveries", "Deliveries of its last run, by what became of them.", samples)
    }

    private mutating func add(_ name: String, _ help: String, _ samples: [Sample]) {
        let known = samples.filter { $0.value != nil }
        guard !known.isEmpty else { return }
        description += "# HELP avicenna_\(name) \(help)\n# TYPE avicenna_\(name) gauge\n"
        for (labels, value) in known {
            let pairs = labels.map { "\($0.key)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",")
            description += "avicenna_\(name)\(pairs.isEmpty ? "" : "{\(pairs)}") \(Self.number(value ?? 0))\n"
        }
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
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
