public import Domain
public import Foundation

/// What a mail says, in one language.
public struct Letter: Equatable, Sendable {
    /// Subject, one line.
    public var subject: String
    /// Text; an empty line between paragraphs.
    public var text: String
    /// The language that it is written in.
    public var language: Language

    /// A letter that is written already; controls and noncharacters in it become U+FFFD.
    public init(subject: String, text: String, language: Language) {
        self.subject = subject.withoutNoncharacters.withoutControls
        self.text = text.withoutNoncharacters.withoutControls
        self.language = language
    }
}

extension Report {
    /// Whether it has no row to show.
    public var isEmpty: Bool { sections.allSatisfy { $0.matching.rows == 0 } }

    /// The letter that goes with the report's files: the headline figures, and where the files are.
    ///
    /// - Parameters:
    ///   - files: files of the report.
    ///   - areAttached: whether they go with the letter; else it names their places.
    public func letter(with files: [URL], areAttached: Bool) -> Letter {
        let catalogue = formatter.catalogue
        let values: KeyValuePairs = ["title": title, "day": formatter.day(asOf)]
        let shownFigures = figures.map { "\($0.label): \($0.value) (\($0.detail))" }
        let names = files.map(\.lastPathComponent).joined(separator: catalogue.text(.listSeparator))
        let places = [catalogue.text(.mailElsewhere)] + files.map(\.path)
        let paragraphs = [
            [catalogue.text(.mailHeading, values)], shownFigures,
            areAttached ? [catalogue.text(.mailAttached, ["files": names])] : places, [origin],
        ]
        return Letter(
            subject: catalogue.text(.mailSubject, values),
            text: paragraphs.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n"),
            language: language)
    }
}

extension Letter {
    /// The news that a run failed.
    ///
    /// - Parameters:
    ///   - published: the day that the published results are of; `nil` where there are none.
    public init(
        ofFailureOf job: String, asOf: Day, because reason: String, published: Day?, language: Language
    ) {
        let formatter = CellFormatter(language)
        let catalogue = formatter.catalogue
        let values: KeyValuePairs = ["job": job, "day": formatter.day(asOf)]
        let state =
            published.map { catalogue.text(.alertPublished, ["day": formatter.day($0)]) }
            ?? catalogue.text(.alertUnpublished)
        self.init(
            subject: catalogue.text(.alertSubject, values),
            text: [catalogue.text(.alertText, values), reason, state, catalogue.text(.alertAdvice)]
                .joined(separator: "\n\n"),
            language: language)
    }
}
