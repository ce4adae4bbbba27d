import Configuration
import Domain
import Statistics
import Store

/// All figures that anybody may see: made of releases and public names, and of nothing else.
struct PublicFigures: Sendable {
    /// The newest month that is released; `nil` where none is.
    let releasedUntil: CalendarMonth?
    /// The subjects with a figure that is shown, by their names.
    private let shown: [PublicSubject]
    private let names: ReleasedNames

    /// No figures: everything is withheld.
    static let none = Self(nil, names: PublicNames(), successRating: .defaultSuccess, minimum: 1)

    /// The figures of all released subjects.
    ///
    /// - Parameters:
    ///   - releases: what is released; `nil` for nothing.
    ///   - minimum: the fewest patients, with noise, that are shown.
    init(_ releases: Releases?, names: PublicNames, successRating: Rating, minimum: Int) {
        let subjects = releases?.subjects ?? []
        let shownNames = ReleasedNames(names, of: subjects)
        releasedUntil = releases?.lastMonth
        self.names = shownNames
        shown = subjects.compactMap { subject in
            var figures: [ReleasedWindow: ReleasedFigure] = [:]
            for window in ReleasedWindow.allCases {
                figures[window] = releases.flatMap {
                    ReleasedFigure(
                        of: $0.cells(of: subject, in: window), successRating: successRating, minimum: minimum)
                }
            }
            guard !figures.isEmpty else { return nil }
            return PublicSubject(subject: subject, parts: shownNames.parts(of: subject), figures: figures)
        }.sorted()
    }

    /// The subject with all of its figures; `nil` where it is unknown or withheld.
    func subject(_ subject: ReleasedSubject) -> PublicSubject? { shown.first { $0.subject == subject } }

    /// The herb or condition of a name, in any spelling or by its public name; `nil` where it is unknown or withheld.
    func subject(_ kind: NameKind, named name: String) -> PublicSubject? {
        names.key(of: name, kind).flatMap { subject(kind == .herb ? .herb($0) : .condition($0)) }
    }

    /// The treatments of a herb or condition that have a figure, by name.
    func treatments(of subject: ReleasedSubject) -> [PublicSubject] {
        shown.filter { other in
            guard case .treatment(let herb, let condition) = other.subject else { return false }
            return subject == .herb(herb) || subject == .condition(condition)
        }
    }

    /// The subjects of a level that have a figure in a window, by name.
    func subjects(at level: Level, in window: ReleasedWindow) -> [PublicSubject] {
        shown.filter { $0.subject.level == level && $0.figures[window] != nil }
    }
}

/// A subject as anybody may see it.
struct PublicSubject: Sendable, Comparable {
    let subject: ReleasedSubject
    /// Its public names, the herb first.
    let parts: [String]
    /// The figures of the windows in which it has one.
    let figures: [ReleasedWindow: ReleasedFigure]

    /// By public names, and then by keys.
    static func < (left: Self, right: Self) -> Bool {
        guard left.parts == right.parts else { return left.parts.lexicographicallyPrecedes(right.parts) }
        return left.subject < right.subject
    }

    static func == (left: Self, right: Self) -> Bool { left.subject == right.subject && left.figures == right.figures }

    var json: JSON {
        let windows = ReleasedWindow.allCases.map { window in
            JSON.Member(name: window.rawValue, value: figures[window].map { JSON($0) } ?? .null)
        }
        return [
            "level": .text(subject.level.rawValue),
            "subject": .text(parts.count == 1 ? parts[0] : Subject.joined(parts)), "windows": .object(windows),
        ]
    }

    static let schema = Schema.named(
        "PublicSubject",
        .object([
            .init("level", .word(PublishedFigures.levels.map(\.rawValue))),
            .init("subject", .text, "The public name; of a treatment both names, joined by '|'."),
            .init(
                "windows", .object(ReleasedWindow.allCases.map { .init($0.rawValue, .optional(figure)) }),
                "The newest released month, the last three calendar months up to it, and all; null where patients are too few."
            ),
        ]))

    private static let figure = Schema.named(
        "PublicFigure",
        .object([
            .init("patients", .count, "Patients, each counted once a month, with noise."),
            .init("rate", .share, "The share of them with a success, in hundredths."),
            .init("ci_low", .share), .init("ci_high", .share), .init("mean_rating", .number(1...5), "In tenths."),
        ]))
}

extension JSON {
    /// A figure as it is shown: rates and limits in whole points, the limits rounded outwards, means in tenths.
    init(_ figure: ReleasedFigure) {
        self = [
            "patients": JSON(figure.patients), "rate": JSON(figure.shownRate),
            "ci_low": JSON(figure.shownInterval.lowerBound), "ci_high": JSON(figure.shownInterval.upperBound),
            "mean_rating": JSON(figure.shownMeanRating),
        ]
    }
}
