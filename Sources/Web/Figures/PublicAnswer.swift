import Domain
import Store

/// What may be told to anybody.
///
/// The initializer is this file's own: an endpoint that needs no token has nothing else to answer with, and so cannot tell
/// a figure that was not released.
struct PublicAnswer: Sendable {
    let answer: Answer

    private init(_ body: JSON) {
        answer = Answer(body)
    }

    /// How the service stands.
    static func status(_ status: ServiceStatus) -> Self {
        Self([
            "status": "ok", "as_of": JSON(status.asOf), "computed_at": JSON(status.computedAt),
            "run_id": JSON(status.run?.rawValue), "model_version": .text(status.modelVersion),
        ])
    }

    /// What the released figures say to a question; that they are withheld where they say nothing.
    static func figures(_ question: FigureQuestion, _ figures: PublicFigures) throws -> Self {
        try question.answer(from: figures, isExact: false).map { Self($0) } ?? .withheld
    }

    /// That the figures asked for are not told.
    static var withheld: Self {
        Self([
            "withheld": true,
            "reason":
                "figures of few patients are told only to whom they belong, and to the clinic's staff",
        ])
    }
}

/// How the service stands: nothing of any patient.
struct ServiceStatus: Sendable {
    /// The day that the published results are of; `nil` where there are none.
    var asOf: Day?
    /// When they were published.
    var computedAt: Instant?
    /// The run that published them.
    var run: RunID?
    /// The model behind the scores.
    var modelVersion: String

    static let schema = Schema.named(
        "Status",
        .object([
            .init("status", .word(["ok"])),
            .init("as_of", .optional(.day), "The day that the published results are of."),
            .init("computed_at", .optional(.instant)), .init("run_id", .optional(.id)), .init("model_version", .text),
        ]))
}

extension Schema {
    /// Figures that are not told.
    static let withheld = Schema.named(
        "Withheld",
        .object([
            Property("withheld", .boolean, "Always true."), Property("reason", .text),
        ]))
}
