import Domain
import Foundation
import GRDB
import Store

/// Counts of side effects, with the feedback that mentions each.
extension FeedbackSums {
    /// The keys of the side effects that a feedback mentions, as they are stored, each with its first spelling.
    static func sideEffects(in feedback: Feedback) -> [(key: String, name: String)] {
        // As `Feedback` is stored and read: the parts of one text.
        sideEffects(in: feedback.sideEffects.joined(separator: ";"))
    }

    private static func sideEffects(in text: String) -> [(key: String, name: String)] {
        var names = EffectNames()
        return names.keys(of: text).map { ($0.precomposedStringWithCanonicalMapping, names[$0]) }
    }

    /// Adds the mention of a side effect by a feedback.
    ///
    /// - Returns: whether no other feedback on the recommendation mentions the side effect.
    func addMention(of key: String, _ name: String, by feedback: Feedback) throws -> Bool {
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

    /// Removes the mention of a side effect by a feedback.
    ///
    /// - Returns: whether no feedback on the recommendation mentions the side effect any more.
    func removeMention(of key: String, by feedback: Feedback) throws -> Bool {
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
}
