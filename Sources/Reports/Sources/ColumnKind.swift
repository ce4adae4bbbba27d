import Domain
import Store

/// What the values of a column are, from which follows how each format writes them.
public enum ColumnKind: Equatable, Sendable {
    /// A name as it was entered: a herb, a condition, a subject.
    case name
    /// Free text.
    case note
    /// Names as they were entered, with `;` between.
    case list
    /// Words of a vocabulary, told in the report's language.
    case word(Words)
    /// The number of a record.
    case record
    /// How many.
    case count
    /// A share, 0…1.
    case share
    /// A difference of shares, −1…1, told in percentage points.
    case points
    /// A rating, 1…5.
    case rating
    /// A p-value or q-value, 0…1.
    case probability
    /// Seconds.
    case seconds
    /// A day.
    case day
    /// A month.
    case month
    /// The interval that a measure lies in, with 95 % confidence.
    case interval(of: Measure)

    /// What an interval can be of.
    public enum Measure: Sendable {
        /// A share, 0…1.
        case share
        /// A mean rating, 1…5.
        case rating
    }

    /// Whether people entered the values.
    var isEntered: Bool {
        switch self {
        case .name, .note, .list: true
        default: false
        }
    }

    /// Whether values are numbers, which stand at the end of their column.
    var isNumeric: Bool {
        switch self {
        case .name, .note, .list, .word, .day, .month: false
        case .record, .count, .share, .points, .rating, .probability, .seconds, .interval: true
        }
    }

    /// What the values are, in a word or two, for someone who writes a definition.
    public var summary: String {
        switch self {
        case .name: "name"
        case .note: "text"
        case .list: "names with ';' between"
        case .word(let words): words.all.joined(separator: ", ")
        case .record: "number of a record"
        case .count: "count"
        case .share: "share, 0 to 1"
        case .points: "difference of shares, -1 to 1"
        case .rating: "rating, 1 to 5"
        case .probability: "probability, 0 to 1"
        case .seconds: "seconds"
        case .day: "day"
        case .month: "month"
        case .interval(of: .share): "95 % interval of a share"
        case .interval(of: .rating): "95 % interval of a mean rating"
        }
    }
}

/// A vocabulary: words that the software defines, which catalogues translate.
public enum Words: String, CaseIterable, Sendable {
    /// Levels of subjects.
    case level
    /// Levels of scores.
    case scoreLevel = "score_level"
    /// Windows.
    case window
    /// Temperaments.
    case mizaj
    /// How many patients have a case, roughly.
    case experience
    /// Directions of trends.
    case direction
    /// What the historical component of a score rests on.
    case basis
    /// Yes and no.
    case truth
    /// How a run stands.
    case status
    /// Why a run was started.
    case trigger

    /// The words, as results and definitions write them.
    public var all: [String] {
        switch self {
        case .level: Level.allCases.map(\.rawValue)
        case .scoreLevel: ScoreLevel.allCases.map(\.rawValue)
        case .window: Window.allCases.map(\.rawValue)
        case .mizaj: Mizaj.allCases.map(\.rawValue)
        case .experience: Experience.allCases.map(\.rawValue)
        case .direction: Direction.allCases.map(\.rawValue)
        case .basis: HistoricalBasis.allCases.map(\.rawValue)
        case .truth: ["true", "false"]
        case .status: RunStatus.allCases.map(\.rawValue)
        case .trigger: RunTrigger.allCases.map(\.rawValue)
        }
    }
}
