/// One subject of a level, packed into an integer that orders and stores well.
///
/// A recommendation or diagnosis is its own number. Named subjects hold, from the high bits down, the mizaj's ordinal
/// (3 bits), the herb's term (30 bits) and the condition's term (30 bits); what a level does not use is 0. The level
/// itself is not part of it.
@frozen
public struct Subject: RawRepresentable, Hashable, Comparable, Sendable {
    /// The packed integer.
    public var rawValue: Int64

    /// Wraps an integer that was packed before.
    @inlinable
    public init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    /// The one subject of level `overall`.
    public static let all = Self(rawValue: 0)

    /// Subject of level `recommendation`.
    @inlinable
    public static func recommendation(_ id: RecommendationID) -> Self { Self(rawValue: id.rawValue) }

    /// Subject of level `diagnosis`.
    @inlinable
    public static func diagnosis(_ id: DiagnosisID) -> Self { Self(rawValue: id.rawValue) }

    /// Subject of level `herb`.
    @inlinable
    public static func herb(_ herb: TermID) -> Self { Self(rawValue: herb.rawValue << 30) }

    /// Subject of level `condition`.
    @inlinable
    public static func condition(_ condition: TermID) -> Self { Self(rawValue: condition.rawValue) }

    /// Subject of level `treatment`.
    @inlinable
    public static func treatment(herb: TermID, condition: TermID) -> Self {
        Self(rawValue: herb.rawValue << 30 | condition.rawValue)
    }

    /// Subject of level `cohort`.
    @inlinable
    public static func cohort(_ mizaj: Mizaj, herb: TermID, condition: TermID) -> Self {
        Self(rawValue: Int64(mizaj.ordinal) << 60 | herb.rawValue << 30 | condition.rawValue)
    }

    /// The mizaj of a cohort.
    public var mizaj: Mizaj { Mizaj.allCases[Int(rawValue >> 60)] }
    /// The herb's term, of a herb, treatment or cohort.
    public var herb: TermID { TermID(rawValue: rawValue >> 30 & Term.largestID) }
    /// The condition's term, of a condition, treatment or cohort.
    public var condition: TermID { TermID(rawValue: rawValue & Term.largestID) }

    /// Ordered by the packed integer.
    @inlinable
    public static func < (left: Self, right: Self) -> Bool {
        left.rawValue < right.rawValue
    }
}

extension Subject {
    /// The subject as results write it: its number, its name as displayed, or the key of several names (`joined`), such as
    /// `saffron|insomnia`.
    public func text(at level: Level, herbs: TermNames, conditions: TermNames) -> String {
        let parts = parts(at: level, herbs: herbs, conditions: conditions)
        return parts.count == 1 ? parts[0] : Self.joined(parts)
    }

    /// What the subject consists of, as displayed: its number, its name, or the names of a treatment or cohort.
    public func parts(at level: Level, herbs: TermNames, conditions: TermNames) -> [String] {
        switch level {
        case .recommendation, .diagnosis: [String(rawValue)]
        case .herb: [herbs[herb]]
        case .condition: [conditions[condition]]
        case .treatment: [herbs[herb], conditions[condition]]
        case .cohort: [mizaj.rawValue, herbs[herb], conditions[condition]]
        case .overall: ["all"]
        }
    }

    /// The key of names: joined by `|`, with a `\` before each `|` and `\` of a name.
    public static func joined(_ parts: [String]) -> String {
        parts.map { part in
            part.contains { $0 == "|" || $0 == "\\" }
                ? part.replacing("\\", with: "\\\\").replacing("|", with: "\\|") : part
        }.joined(separator: "|")
    }
}

/// The displayed spellings of herbs or conditions.
public struct TermNames: Sendable, Equatable {
    private var names: [TermID: String]

    /// Names by term.
    public init(_ names: [TermID: String]) {
        self.names = names
    }

    /// The displayed spelling; empty for a term that was never published.
    public subscript(term: TermID) -> String {
        names[term] ?? ""
    }

    /// All terms with their spellings, by ascending term.
    public var sorted: [(term: TermID, name: String)] {
        names.map { (term: $0.key, name: $0.value) }.sorted { $0.term < $1.term }
    }
}
