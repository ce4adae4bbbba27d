import Domain
import Store

/// A run that began before the one that the report is made from, so that the same run gives the same report.
struct RunRow: SourceRow {
    let run: RunRecord
    let zone: ClinicTimeZone

    static let samplesColumn: String? = nil
    static let standardColumns = [
        "run", "job", "as_of", "trigger", "status", "started_on", "seconds", "rows_written", "error",
    ]

    static var columns: [Column<Self>] {
        [
            Column("run", .record) { .integer($0.run.id.rawValue) },
            Column("job", .name) { .text($0.run.start.job) },
            Column("as_of", .day) { .day($0.run.start.asOf) },
            Column("trigger", .word(.trigger)) { .text($0.run.start.trigger.rawValue) },
            Column("status", .word(.status)) { .text($0.run.status.rawValue) },
            Column("started_on", .day) { .day($0.zone.day(of: $0.run.start.startedAt)) },
            Column("seconds", .seconds) { Cell($0.run.seconds) },
            Column("rows_written", .count) { Cell($0.run.rowsWritten) },
            Column("digest", .note) { Cell($0.run.digest) },
            Column("error", .note) { Cell($0.run.end?.error) },
        ]
    }

    static func forEach(
        of input: ReportInput, needed: Set<String>, _ filter: Filter, _ body: (Self) throws -> Void
    ) throws {
        for run in try input.results.runs(before: input.run) {
            try body(Self(run: run, zone: input.settings.timezone))
        }
    }
}
