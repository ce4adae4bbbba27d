import Domain
import Store

/// What may be answered to anybody.
///
/// The initializer is private to this file: an endpoint that needs no token has nothing else to answer with, and so cannot show
/// a figure that was not released.
struct PublicAnswer: Sendable {
    let answer: Answer

    private init(_ body: JSON) {
        answer = Answer(body)
    }

    /// That the service runs. Days, times and runs are left out: they would show when single feedback comes in.
    static func status(modelVersion: String, _ figures: PublicFigures) -> Self {
        Self(ServiceStatus(modelVersion: modelVersion, releasedUntil: figures.releasedUntil).json)
    }

    /// What the released figures say to a question; that they are withheld where they say nothing.
    static func figures(_ question: PublicQuestion, _ figures: PublicFigures) -> Self {
        question.answer(from: figures).map { Self($0) } ?? .withheld
    }

    /// That the figures asked for are not shown, whether there are any or not.
    static var withheld: Self {
        Self([
            "withheld": true,
            "reason":
                "figures of few patients are shown only to the patients themselves and to the clinic's staff",
        ])
    }
}

/// A question of anybody, with what it is answered from.
struct PublicCall: Sendable {
    let call: Call
    let figures: PublicFigures
}

/// What a status endpoint answers.
struct ServiceStatus: Sendable {
    /// The day that the published results are of; `nil` where there are none, and for anybody but staff.
    var asOf: Day?
    /// When they were published.
    var computedAt: Instant?
    /// The run that published them.
    var run: RunID?
    /// The model behind the scores.
    var modelVersion: String
    /// The newest month that is released to anybody; `nil` where none is.
    var releasedUntil: CalendarMonth?

    var json: JSON {
        [
            "status": "ok", "as_of": JSON(asOf), "computed_at": JSON(computedAt), "run_id": JSON(run?.rawValue),
            "model_version": .text(modelVersion), "released_until": releasedUntil.map { .text("\($0)") } ?? .null,
        ]
    }

    static let schema = Schema.named(
        "Status",
        .object([
            .init("status", .word(["ok"])),
            .init(
                "as_of", .optional(.day),
                "The day that the published results are of; this and the next two are null for anybody but staff."),
            .init("computed_at", .optional(.instant)), .init("run_id", .optional(.id)), .init("model_version", .text),
            .init("released_until", .optional(.month), "The newest month that is released to anybody."),
        ]))
}

extension Schema {
    /// A calendar month.
    static let month = Schema.text(
        TextRule(
            pattern: ("^[0-9]{4}-(0[1-9]|1[0-2])$", "a month such as 2026-11", { CalendarMonth($0) != nil })))

    /// Figures that are not shown.
    static let withheld = Schema.named(
        "Withheld",
        .object([
            Property("withheld", .boolean, "Always true."), Property("reason", .text),
        ]))
}
