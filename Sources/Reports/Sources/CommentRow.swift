import Domain
import Store

/// What a patient wrote.
struct CommentRow: SourceRow {
    let item: FeedbackCase
    let names: SubjectNames

    static let samplesColumn: String? = nil
    static let standardColumns = ["day", "herb", "condition", "rating", "side_effects", "comment"]

    static var columns: [Column<Self>] {
        [
            Column("day", .day) { .day($0.item.day) },
            Column("feedback_id", .record) { .integer($0.item.id.rawValue) },
            Column("recommendation_id", .record) { .integer($0.item.recommendation.rawValue) },
            Column("diagnosis_id", .record) { .integer($0.item.diagnosis.rawValue) },
            Column("mizaj_type", .word(.mizaj)) { .text($0.item.mizaj.rawValue) },
            Column("herb", .name) { .text($0.names.herbs[$0.item.herb]) },
            Column("condition", .name) { .text($0.names.conditions[$0.item.condition]) },
            Column("rating", .count) { .integer(Int64($0.item.rating)) },
            Column("improvement", .count) { Cell($0.item.improvement) },
            Column("compliance", .share) { Cell($0.item.compliance) },
            Column("side_effects", .list) { Cell($0.item.sideEffects) },
            Column("comment", .note) { Cell($0.item.comment) },
        ]
    }

    static func forEach(
        of input: ReportInput, needed: Set<String>, _ filter: Filter, _ body: (Self) throws -> Void
    ) throws {
        let names = SubjectNames(try input.results.names())
        try input.forEachCase(notes: true) { item, _ in
            if item.comment != nil { try body(Self(item: item, names: names)) }
        }
    }
}
