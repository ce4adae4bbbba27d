import Domain
import TestSupport
import Testing

@testable import Relay

/// The data of a `feedback_update`.
@Suite(.timeLimit(.minutes(30))) struct FeedbackUpdateTests {
    private func update(sideEffects: [FeedbackUpdate.SideEffect] = [], count: Int = 0) -> FeedbackUpdate {
        FeedbackUpdate(
            recommendation: RecommendationID(rawValue: 1), samples: 3, ratingSum: 12, improvements: 0,
            improvementSum: 0,
            sideEffects: sideEffects, sideEffectCount: count)
    }

    @Test("has means of what was given, and the most frequent side effects") func data() {
        let effects = [
            FeedbackUpdate.SideEffect(name: "Headache", count: 2), FeedbackUpdate.SideEffect(name: "nausea", count: 1),
        ]
        #expect(
            update(sideEffects: effects, count: 70).json.description == """
                {"recommendation_id":1,"samples":3,"mean_rating":4.0,"mean_improvement":null,\
                "side_effects":[{"name":"Headache","count":2},{"name":"nausea","count":1}],"side_effects_total":70}
                """)
    }

    @Test("is small however long names are") func longNames() {
        let effect = FeedbackUpdate.SideEffect(name: String(repeating: "ب", count: 5000), count: 1)
        #expect(effect.name.unicodeScalars.count == 101)
        #expect(update(sideEffects: [effect]).json.description.utf8.count < 400)
    }

    @Test("has no mean where nothing was given") func noFeedback() {
        var update = update()
        update.samples = 0
        update.ratingSum = 0
        #expect(update.json.description.contains("\"mean_rating\":null"))
    }
}
