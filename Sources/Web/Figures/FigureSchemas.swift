import Domain
import Statistics

// How effectiveness looks over HTTP.

extension Schema {
    private static let window = Schema.named(
        "WindowFigures",
        .object(
            [
                .init("samples", .integer), .init("successes", .integer), .init("effectiveness", .share),
                .init("confidence", .share, "What so many cases are worth, 0.5 to 1."),
                .init("ci_low", .share), .init("ci_high", .share),
                .init(
                    "adjusted", .share, required: false,
                    "The effectiveness, shrunk towards that of its level; not for patients."),
            ] + means))

    private static let trend = Schema.named(
        "TrendFigures",
        .object([
            .init("direction", .word(Direction.allCases.map(\.rawValue))), .init("recent_samples", .integer),
            .init("recent_rate", .optional(.number)), .init("baseline_samples", .integer),
            .init("baseline_rate", .optional(.number)), .init("delta", .optional(.number)),
            .init("p_value", .optional(.share)), .init("q_value", .optional(.share)), .init("significant", .boolean),
        ]))

    /// Effectiveness of a subject in the windows, and its trend.
    static let effectiveness = Schema.named(
        "Effectiveness",
        .object([
            .init("level", .word(Level.allCases.map(\.rawValue))), .init("subject", .text),
            .init(
                "windows",
                .object(Window.allCases.map { .init($0.rawValue, .optional(window)) }),
                "The last 30 days, the last 90, and all; null without cases."),
            .init("trend", .optional(trend), "The last 30 days against the 60 before."),
        ]))

    /// Figures as they are for staff, what is released of them for anybody else, or that they are withheld.
    ///
    /// - Parameter released: `nil` where nothing is released of them.
    static func figures(_ exact: [Property], released: [Property]?) -> Schema {
        let released = released.map { properties in
            Schema.object(
                [
                    Property("withheld", .boolean, "Always false."), Property("exact", .constant(.boolean(false))),
                    Property("released_until", .optional(.month), "The newest month that is released."),
                ] + properties)
        }
        let exact = Schema.object(
            [
                Property("withheld", .boolean, "Always false."), Property("exact", .constant(.boolean(true))),
                Property("as_of", .optional(.day)),
            ] + exact)
        return .any(of: [exact] + [released].compactMap(\.self) + [.withheld])
    }
}

/// A subject of a level with its figures.
struct SubjectFigures {
    let level: Level
    let subject: Subject
    let tallies: WindowTallies
    let trend: (trend: Trend, qValue: Double?)?

    /// The figures of a subject; `nil` where there are none.
    init?(_ level: Level, _ subject: Subject, in figures: PublishedFigures) {
        guard let tallies = figures.tallies(at: level, of: subject) else { return nil }
        self.init(level, subject, tallies, figures.trends(at: level)[subject])
    }

    init(_ level: Level, _ subject: Subject, _ tallies: WindowTallies, _ trend: (trend: Trend, qValue: Double?)?) {
        self.level = level
        self.subject = subject
        self.tallies = tallies
        self.trend = trend
    }

    func json(in figures: PublishedFigures) -> JSON {
        json(
            name: subject.text(at: level, herbs: figures.names.herbs, conditions: figures.names.conditions),
            prior: { figures.prior(of: level, in: $0) })
    }

    /// - Parameter prior: that of a window; `nil` leaves `adjusted` out.
    func json(name: String, prior: (Window) -> Prior?) -> JSON {
        let windows = Window.allCases.map { window in
            JSON.Member(name: window.rawValue, value: JSON(tallies[window], prior: prior(window)))
        }
        return [
            "level": .text(level.rawValue), "subject": .text(name), "windows": .object(windows),
            "trend": trend.map { JSON($0.trend, qValue: $0.qValue) } ?? .null,
        ]
    }
}

extension JSON {
    /// Figures of a window; `null` without cases.
    ///
    /// - Parameter prior: that of the level; `nil` leaves `adjusted` out.
    init(_ tally: Tally, prior: Prior?) {
        guard tally.samples > 0, tally.successes >= 0, tally.successes <= tally.samples else {
            self = .null
            return
        }
        let figures: JSON = [
            "samples": JSON(tally.samples), "successes": JSON(tally.successes),
            "effectiveness": JSON(tally.effectiveness), "confidence": JSON(tally.confidence),
            "ci_low": JSON(tally.interval.lowerBound), "ci_high": JSON(tally.interval.upperBound),
        ]
        let adjusted: KeyValuePairs<String, JSON> =
            if let prior { ["adjusted": JSON(tally.adjusted(by: prior))] } else { [:] }
        self = figures.adding(adjusted).adding(tally.meanMembers)
    }

    init(_ trend: Trend, qValue: Double?) {
        self = [
            "direction": .text(trend.direction.rawValue), "recent_samples": JSON(trend.recentSamples),
            "recent_rate": JSON(trend.recentRate), "baseline_samples": JSON(trend.baselineSamples),
            "baseline_rate": JSON(trend.baselineRate), "delta": JSON(trend.delta), "p_value": JSON(trend.pValue),
            "q_value": JSON(qValue), "significant": .boolean(Trend.isSignificant(qValue: qValue)),
        ]
    }
}
