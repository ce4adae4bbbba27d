import Domain
import GRDB
import Store

/// Keeps the running sums of the feedback on recommendations, inside one transaction.
///
/// A recommendation has sums once `update` was called for it. That call reads all of its feedback; later ones cost the same
/// however much feedback and however many side effects there are. See `Schema.feedbackSums` for when sums are deleted.
final class FeedbackSums {
    let db: GRDB.Database
    private var statements: [String: Statement] = [:]

    init(_ db: GRDB.Database) {
        self.db = db
    }

    /// The prepared statement of a text.
    func statement(_ sql: String) throws -> Statement {
        if let known = statements[sql] { return known }
        let statement = try Statement(db, sql)
        statements[sql] = statement
        return statement
    }

    /// Whether a recommendation has sums.
    func exist(for recommendation: RecommendationID) throws -> Bool {
        let select = try statement("SELECT 1 FROM feedback_sums WHERE recommendation_id = ?")
        select.bind(recommendation.rawValue, at: 1)
        defer { select.reset() }
        return try select.step()
    }

    /// Writes a feedback by `body`, and updates the sums of its recommendation.
    ///
    /// - Parameters:
    ///   - before: the stored feedback that is replaced; `nil` for a new one.
    ///   - importID: the import that the feedback belongs to once it is written.
    ///   - body: writes the feedback; the sums stay as they are where it returns a constraint.
    /// - Returns: what `body` returned.
    func update(
        from before: Feedback?, to after: Feedback, importID: Int64, by body: () throws -> ResultCode?
    ) throws -> ResultCode? {
        var sums = try stored(after.recommendation) ?? read(after.recommendation)
        let mark = try statement("UPDATE feedback_sums SET is_writing = 1 WHERE recommendation_id = ?")
        mark.bind(after.recommendation.rawValue, at: 1)
        try mark.run()
        let refused = try body()
        if refused == nil {
            if let before { try remove(before, from: &sums) }
            try add(after, importID: importID, to: &sums)
        }
        try store(sums, of: after.recommendation)
        return refused
    }

    /// Sums over the feedback that was not withdrawn. A damaged database may hold any numbers, so that they may overflow.
    struct Sums {
        var ratings = [Int64](repeating: 0, count: 5)
        var improvements: Int64 = 0
        var improvementSum: Int64 = 0
        var compliances: Int64 = 0
        var complianceSum: Int64 = 0
        var sideEffects: Int64 = 0

        /// Adds the judgement of a feedback `factor` times.
        mutating func add(_ feedback: Feedback, _ factor: Int64) {
            ratings[feedback.rating.value - 1] &+= factor
            if let improvement = feedback.improvement {
                improvements &+= factor
                improvementSum &+= factor * Int64(improvement.value)
            }
            if let compliance = feedback.compliance {
                compliances &+= factor
                complianceSum &+= factor * Int64(compliance.billionths)
            }
        }
    }

    private static let columns = """
        rating_1, rating_2, rating_3, rating_4, rating_5, improvements, improvement_sum, compliances, compliance_sum,
        side_effects
        """

    func stored(_ recommendation: RecommendationID) throws -> Sums? {
        let select = try statement("SELECT \(Self.columns) FROM feedback_sums WHERE recommendation_id = ?")
        select.bind(recommendation.rawValue, at: 1)
        guard try select.step() else { return nil }
        defer { select.reset() }
        return Sums(
            ratings: (0..<5).map(select.int64), improvements: select.int64(5), improvementSum: select.int64(6),
            compliances: select.int64(7), complianceSum: select.int64(8), sideEffects: select.int64(9))
    }

    private func store(_ sums: Sums, of recommendation: RecommendationID) throws {
        let update = try statement(
            """
            INSERT INTO feedback_sums (recommendation_id, \(Self.columns), is_writing)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)
            ON CONFLICT (recommendation_id) DO UPDATE SET (\(Self.columns), is_writing) = (
                excluded.rating_1, excluded.rating_2, excluded.rating_3, excluded.rating_4, excluded.rating_5,
                excluded.improvements, excluded.improvement_sum, excluded.compliances, excluded.compliance_sum,
                excluded.side_effects, 0)
            """)
        let values =
            [recommendation.rawValue] + sums.ratings + [
                sums.improvements, sums.improvementSum, sums.compliances, sums.complianceSum, sums.sideEffects,
            ]
        for (position, value) in values.enumerated() { update.bind(value, at: Int32(position + 1)) }
        try update.run()
    }

    /// Reads all feedback on a recommendation that has no sums, and stores them.
    private func read(_ recommendation: RecommendationID) throws -> Sums {
        var sums = Sums()
        let (columns, joins) = Feedback.selection
        let rows = try Statement(
            db, "SELECT \(columns), t.feedback_id, t.import_id FROM feedback t \(joins) WHERE t.recommendation_id = ?")
        rows.bind(recommendation.rawValue, at: 1)
        let idColumn = rows.columnCount - 2
        while try rows.step() {
            guard let feedback = Feedback(id: FeedbackID(rawValue: rows.int64(idColumn)), known: rows) else {
                throw DatabaseError.unknown("feedback")
            }
            try add(feedback, importID: rows.int64(idColumn + 1), to: &sums)
        }
        try store(sums, of: recommendation)
        return sums
    }

    private func add(_ feedback: Feedback, importID: Int64, to sums: inout Sums) throws {
        let insert = try statement(
            """
            INSERT INTO summed_feedback (recommendation_id, is_withdrawn, created_at, feedback_id, import_id)
            VALUES (?, ?, ?, ?, ?)
            """)
        bind(feedback, to: insert)
        insert.bind(importID, at: 5)
        try insert.run()
        guard feedback.deletedAt == nil else { return }
        sums.add(feedback, 1)
        for (key, name) in Self.sideEffects(in: feedback) {
            sums.sideEffects &+= try addMention(of: key, name, by: feedback) ? 1 : 0
        }
    }

    private func remove(_ feedback: Feedback, from sums: inout Sums) throws {
        let delete = try statement(
            """
            DELETE FROM summed_feedback
            WHERE recommendation_id = ? AND is_withdrawn = ? AND created_at = ? AND feedback_id = ?
            """)
        bind(feedback, to: delete)
        try delete.run()
        guard feedback.deletedAt == nil else { return }
        sums.add(feedback, -1)
        for (key, _) in Self.sideEffects(in: feedback) {
            sums.sideEffects &-= try removeMention(of: key, by: feedback) ? 1 : 0
        }
    }

    private func bind(_ feedback: Feedback, to statement: Statement) {
        statement.bind(feedback.recommendation.rawValue, at: 1)
        statement.bind(Int64(feedback.deletedAt == nil ? 0 : 1), at: 2)
        statement.bind(feedback.createdAt, at: 3)
        statement.bind(feedback.id.rawValue, at: 4)
    }
}
