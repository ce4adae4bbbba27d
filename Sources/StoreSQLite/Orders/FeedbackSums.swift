import Domain
import Foundation
import GRDB
import Store

/// Keeps the running sums of the feedback on recommendations, inside one transaction.
///
/// A recommendation has sums once `update` was called for it. That call reads all of its feedback; later ones cost the same
/// however much feedback and however many side effects there are. See `Schema.feedbackSums` for when sums are deleted.
final class FeedbackSums {
    private let db: GRDB.Database
    private var statements: [String: Statement] = [:]

    init(_ db: GRDB.Database) {
        self.db = db
    }

    private func statement(_ sql: String) throws -> Statement {
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

    // MARK: Updates

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
    private struct Sums {
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

    private func stored(_ recommendation: RecommendationID) throws -> Sums? {
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

    // MARK: Side effects

    /// The keys of the side effects that a feedback mentions, as they are stored, each with its first spelling.
    private static func sideEffects(in feedback: Feedback) -> [(key: String, name: String)] {
        // As `Feedback` is stored and read: the parts of one text.
        sideEffects(in: feedback.sideEffects.joined(separator: ";"))
    }

    private static func sideEffects(in text: String) -> [(key: String, name: String)] {
        var names = EffectNames()
        return names.keys(of: text).map { ($0.precomposedStringWithCanonicalMapping, names[$0]) }
    }

    /// - Returns: whether no other feedback on the recommendation mentions the side effect.
    private func addMention(of key: String, _ name: String, by feedback: Feedback) throws -> Bool {
        let known = try sideEffect(key, of: feedback.recommendation)
        let id: Int64
        if let known {
            id = known.id
            let count = try statement("UPDATE side_effect_sums SET count = count + 1 WHERE side_effect_id = ?")
            count.bind(id, at: 1)
            try count.run()
            if feedback.id < known.first { try setFirst(feedback.id, name, of: id) }
        } else {
            let insert = try statement(
                """
                INSERT INTO side_effect_sums (recommendation_id, key, count, first_feedback_id, name)
                VALUES (?, ?, 1, ?, ?)
                """)
            insert.bind(feedback.recommendation.rawValue, at: 1)
            insert.bind(key, at: 2)
            insert.bind(feedback.id.rawValue, at: 3)
            insert.bind(name, at: 4)
            try insert.run()
            id = db.lastInsertedRowID
        }
        let mention = try statement("INSERT INTO side_effect_mentions (side_effect_id, feedback_id) VALUES (?, ?)")
        mention.bind(id, at: 1)
        mention.bind(feedback.id.rawValue, at: 2)
        try mention.run()
        return known == nil
    }

    /// - Returns: whether no feedback on the recommendation mentions the side effect any more.
    private func removeMention(of key: String, by feedback: Feedback) throws -> Bool {
        guard let known = try sideEffect(key, of: feedback.recommendation) else {
            throw DatabaseError.unknown("side_effect_sums")
        }
        let delete = try statement("DELETE FROM side_effect_mentions WHERE side_effect_id = ? AND feedback_id = ?")
        delete.bind(known.id, at: 1)
        delete.bind(feedback.id.rawValue, at: 2)
        try delete.run()
        let next = try statement(
            "SELECT feedback_id FROM side_effect_mentions WHERE side_effect_id = ? ORDER BY feedback_id LIMIT 1")
        next.bind(known.id, at: 1)
        defer { next.reset() }
        guard try next.step() else {
            let remove = try statement("DELETE FROM side_effect_sums WHERE side_effect_id = ?")
            remove.bind(known.id, at: 1)
            try remove.run()
            return true
        }
        let count = try statement("UPDATE side_effect_sums SET count = count - 1 WHERE side_effect_id = ?")
        count.bind(known.id, at: 1)
        try count.run()
        if known.first == feedback.id {
            let first = FeedbackID(rawValue: next.int64(0))
            try setFirst(first, spelling(of: key, in: first), of: known.id)
        }
        return false
    }

    private func sideEffect(
        _ key: String, of recommendation: RecommendationID
    ) throws -> (id: Int64, first: FeedbackID)? {
        let select = try statement(
            "SELECT side_effect_id, first_feedback_id FROM side_effect_sums WHERE recommendation_id = ? AND key = ?")
        select.bind(recommendation.rawValue, at: 1)
        select.bind(key, at: 2)
        guard try select.step() else { return nil }
        defer { select.reset() }
        return (select.int64(0), FeedbackID(rawValue: select.int64(1)))
    }

    private func setFirst(_ feedback: FeedbackID, _ name: String, of sideEffect: Int64) throws {
        let update = try statement(
            "UPDATE side_effect_sums SET first_feedback_id = ?, name = ? WHERE side_effect_id = ?")
        update.bind(feedback.rawValue, at: 1)
        update.bind(name, at: 2)
        update.bind(sideEffect, at: 3)
        try update.run()
    }

    /// How a stored feedback spells a side effect that it mentions.
    private func spelling(of key: String, in feedback: FeedbackID) throws -> String {
        let select = try statement("SELECT side_effects FROM feedback_notes WHERE feedback_id = ?")
        select.bind(feedback.rawValue, at: 1)
        guard try select.step() else { throw DatabaseError.unknown("feedback_notes") }
        defer { select.reset() }
        return Self.sideEffects(in: select.text(0) ?? "").first { $0.key == key }?.name ?? key
    }

    // MARK: Reading

    /// The summary that the sums of a recommendation give; `nil` where it has none.
    ///
    /// - Parameter limit: the most side effects that are listed; `nil` for all.
    func summary(
        of recommendation: RecommendationID, in diagnosis: DiagnosisID, limit: Int?
    ) throws -> FeedbackSummary? {
        guard let sums = try stored(recommendation) else { return nil }
        var summary = FeedbackSummary(of: recommendation, in: diagnosis)
        summary.ratings = sums.ratings.map { Int($0) }
        summary.tally.samples = Int32(clamping: sums.ratings.reduce(0, &+))
        summary.tally.ratingSum = Int32(
            clamping: sums.ratings.enumerated().reduce(0) { $0 &+ Int64($1.offset + 1) &* $1.element })
        summary.tally.improvements = Int32(clamping: sums.improvements)
        summary.tally.improvementSum = Int32(clamping: sums.improvementSum)
        summary.tally.compliances = Int32(clamping: sums.compliances)
        summary.tally.complianceSum = sums.complianceSum
        summary.sideEffectCount = Int(sums.sideEffects)
        let newest = try statement(
            """
            SELECT created_at FROM summed_feedback WHERE recommendation_id = ? AND is_withdrawn = 0
            ORDER BY created_at DESC LIMIT 1
            """)
        newest.bind(recommendation.rawValue, at: 1)
        if try newest.step() { summary.newest = try newest.instant(0) }
        newest.reset()
        let effects = try statement(
            "SELECT name, count FROM side_effect_sums WHERE recommendation_id = ? ORDER BY count DESC, key LIMIT ?")
        effects.bind(recommendation.rawValue, at: 1)
        effects.bind(limit ?? -1, at: 2)
        while try effects.step() { summary.sideEffects.append((effects.text(0) ?? "", Int(effects.int64(1)))) }
        return summary
    }

    /// How often each rating from 1 to 5 was given in feedback that was not withdrawn; `nil` where there are no sums.
    func ratings(of recommendation: RecommendationID) throws -> [Int64]? { try stored(recommendation)?.ratings }

    /// How much feedback on a recommendation was given in a span of time, with withdrawn feedback, counted up to `limit`.
    /// The cost depends on `limit` only where the recommendation has sums.
    func count(on recommendation: RecommendationID, from start: Instant, to end: Instant, limit: Int) throws -> Int {
        let source =
            try exist(for: recommendation)
            ? "summed_feedback WHERE recommendation_id = ? AND is_withdrawn IN (0, 1)"
            : "feedback WHERE recommendation_id = ?"
        let count = try statement(
            "SELECT count(*) FROM (SELECT 1 FROM \(source) AND created_at >= ? AND created_at < ? LIMIT ?)")
        count.bind(recommendation.rawValue, at: 1)
        count.bind(start, at: 2)
        count.bind(end, at: 3)
        count.bind(limit, at: 4)
        defer { count.reset() }
        return try count.step() ? Int(count.int64(0)) : 0
    }

    /// How much feedback on a recommendation imports after one wrote last, counted up to `limit`. The cost depends on
    /// `limit` only where the recommendation has sums.
    func count(on recommendation: RecommendationID, afterImport importID: Int64, limit: Int) throws -> Int {
        let table = try exist(for: recommendation) ? "summed_feedback" : "feedback"
        let count = try statement(
            "SELECT count(*) FROM (SELECT 1 FROM \(table) WHERE recommendation_id = ? AND import_id > ? LIMIT ?)")
        count.bind(recommendation.rawValue, at: 1)
        count.bind(importID, at: 2)
        count.bind(limit, at: 3)
        defer { count.reset() }
        return try count.step() ? Int(count.int64(0)) : 0
    }

    // MARK: Checks

    /// Whether all sums are those of the feedback. Reads all feedback on recommendations that have sums.
    static func areTrue(_ db: GRDB.Database) throws -> Bool {
        let sums = FeedbackSums(db)
        let reader = RecordReader(db: db)
        let recommendations = try Statement(
            db,
            """
            SELECT s.recommendation_id, s.is_writing, r.diagnosis_id FROM feedback_sums s
            LEFT JOIN recommendations r ON r.recommendation_id = s.recommendation_id
            """)
        while try recommendations.step() {
            guard recommendations.int64(1) == 0 else { return false }
            guard let diagnosis = recommendations.optional(2, { DiagnosisID(rawValue: recommendations.int64($0)) })
            else { continue }
            let recommendation = RecommendationID(rawValue: recommendations.int64(0))
            let kept = try sums.summary(of: recommendation, in: diagnosis, limit: nil)
            guard try kept == reader.summary(of: recommendation, in: diagnosis, limit: nil) else { return false }
        }
        let differences = try Statement(
            db,
            """
            SELECT 1 FROM feedback f JOIN feedback_sums s ON s.recommendation_id = f.recommendation_id
            LEFT JOIN summed_feedback c ON c.recommendation_id = f.recommendation_id
                AND c.is_withdrawn = (f.deleted_at IS NOT NULL) AND c.created_at = f.created_at
                AND c.feedback_id = f.feedback_id AND c.import_id = f.import_id
            WHERE c.feedback_id IS NULL
            UNION ALL
            SELECT 1 FROM summed_feedback c LEFT JOIN feedback f ON f.feedback_id = c.feedback_id
            WHERE f.recommendation_id IS NOT c.recommendation_id
            UNION ALL
            SELECT 1 FROM side_effect_sums e WHERE e.count <>
                (SELECT count(*) FROM side_effect_mentions m WHERE m.side_effect_id = e.side_effect_id)
            LIMIT 1
            """)
        return try !differences.step()
    }
}
