import Domain
import Statistics
import Store

// How feedback looks over HTTP.

extension Schema {
    private static let judgement: [Property] = [
        Property("rating", .integer(1...5), "How well it worked, 5 is best."),
        Property("symptom_improvement", .optional(.integer(1...5)), required: false, "How far the symptoms improved."),
        Property("compliance", .optional(.share), required: false, "How much of it was taken, 1 is all."),
        Property("side_effects", sideEffectNames, required: false, "A single entry may join several by ';'."),
        Property("comment", .optional(.plainText(longest: Feedback.longestComment)), required: false),
    ]

    /// Side effects of one feedback, after they are split at `;`.
    private static let mostSideEffects = 20
    /// Characters of the name of a side effect.
    private static let longestSideEffect = 100

    private static let sideEffectNames = Schema.names(atMost: mostSideEffects, longest: longestSideEffect)

    /// A judgement of a feedback that is there.
    static let feedbackEdit = Schema.named("FeedbackEdit", .object(judgement))

    /// A feedback that is to be given.
    static let feedbackDraft = Schema.named(
        "FeedbackDraft", .object([Property("recommendation_id", .id, "What is judged.")] + judgement))

    /// A feedback as it stands.
    static let feedback = Schema.named(
        "Feedback",
        .object([
            Property("id", .id), Property("recommendation_id", .id), Property("rating", .integer(1...5)),
            Property("symptom_improvement", .optional(.integer(1...5))), Property("compliance", .optional(.share)),
            Property("side_effects", .array(of: .text)), Property("comment", .optional(.text)),
            Property("created_at", .instant),
        ]))

    /// Means, over the cases that have the value.
    static let means: [Property] = [
        Property("mean_rating", .optional(.number(1...5))), Property("mean_improvement", .optional(.number(1...5))),
        Property("mean_compliance", .optional(.share)),
    ]

    /// The most frequent side effects, and how many there are.
    static let sideEffectList: [Property] = [
        Property("side_effects", sideEffects, "The \(FeedbackSummary.maxSideEffects) most frequent."),
        Property("side_effects_total", .count, "How many different ones there are."),
    ]

    private static let sideEffects = Schema.array(
        of: .named("SideEffect", .object([Property("name", .text), Property("count", .count)])))
}

extension JSON {
    init(_ feedback: Feedback) {
        self = [
            "id": JSON(feedback.id), "recommendation_id": JSON(feedback.recommendation),
            "rating": JSON(feedback.rating.value), "symptom_improvement": JSON(feedback.improvement?.value),
            "compliance": JSON(feedback.compliance.map { Double($0.billionths) / Double(Compliance.scale) }),
            "side_effects": JSON(feedback.sideEffects.map { .text($0) }), "comment": JSON(feedback.comment),
            "created_at": JSON(feedback.createdAt),
        ]
    }

    /// The side effects that a list names, split at `;`.
    fileprivate var sideEffects: [String] { entries.flatMap { ($0.string ?? "").listed() } }

    init(sideEffects: [(name: String, count: Int)]) {
        self.init(sideEffects.map { ["name": .text($0.name), "count": JSON($0.count)] })
    }
}

extension Tally {
    /// The means as members of an object.
    var meanMembers: KeyValuePairs<String, JSON> {
        [
            "mean_rating": JSON(meanRating), "mean_improvement": JSON(meanImprovement),
            "mean_compliance": JSON(meanCompliance),
        ]
    }
}

extension FeedbackDraft {
    /// Reads what was found to be as it must be.
    init(_ json: JSON) {
        self.init(
            recommendation: RecommendationID(rawValue: json["recommendation_id"]?.wholeNumber ?? 0),
            judgement: Judgement(json))
    }
}

extension Judgement {
    /// Reads what was found to be as it must be.
    init(_ json: JSON) {
        func rating(_ name: String) -> Rating? { json[name]?.wholeNumber.flatMap { Rating(Int($0)) } }
        self.init(
            rating: rating("rating") ?? .defaultSuccess, improvement: rating("symptom_improvement"),
            compliance: json["compliance"]?.decimalNumber.flatMap { Compliance($0) },
            sideEffects: json["side_effects"]?.sideEffects ?? [],
            comment: json["comment"]?.string.map(\.withoutOuterWhitespace).flatMap { $0.isEmpty ? nil : $0 })
    }
}
