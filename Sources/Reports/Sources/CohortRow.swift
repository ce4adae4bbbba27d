import Domain
import Statistics
import Store

/// What a herb did for a condition in patients of one mizaj.
struct CohortRow: SourceRow {
    let key: Subject
    let cohort: Cohort
    let names: SubjectNames

    static let samplesColumn: String? = "samples"
    static let standardColumns = ["mizaj_type", "herb", "condition", "patients", "samples", "successes", "rate"]

    static var columns: [Column<Self>] {
        [
            Column("mizaj_type", .word(.mizaj)) { .text($0.key.mizaj.rawValue) },
            Column("herb", .name) { .text($0.names.herbs[$0.key.herb]) },
            Column("condition", .name) { .text($0.names.conditions[$0.key.condition]) },
            Column("patients", .count) { Cell($0.cohort.patients) },
            Column("samples", .count) { Cell($0.cohort.samples) },
            Column("successes", .count) { Cell($0.cohort.successes) },
            Column("rate", .share, interval: "interval") { .decimal($0.cohort.rate) },
            Column("interval", .interval(of: .share)) { .interval($0.cohort.interval) },
        ]
    }

    static func forEach(
        of input: ReportInput, needed: Set<String>, _ filter: Filter, _ body: (Self) throws -> Void
    ) throws {
        let names = SubjectNames(try input.results.names())
        let cohorts = try input.results.cohorts()
        for (position, _) in names.order(of: cohorts.keys, at: .cohort) {
            try body(Self(key: cohorts.keys[position], cohort: cohorts.values[position], names: names))
        }
    }
}
