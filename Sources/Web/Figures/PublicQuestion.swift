import Domain
import Statistics
import Store

/// A question about figures of many patients that anybody may ask.
enum PublicQuestion: Sendable {
    /// Everything together.
    case overall
    /// A herb or condition, and its treatments by name.
    case named(NameKind, String)
    /// Treatments of a condition, by name.
    case treatments(ofCondition: String)
    /// Subjects with a figure in a window, by name.
    case list(Level, ReleasedWindow, FigureQuestion.Page)

    /// The answer; `nil` where what is asked for is unknown or withheld, which must look the same.
    func answer(from figures: PublicFigures) -> JSON? {
        guard let body = body(from: figures) else { return nil }
        return JSON.object([]).adding([
            "withheld": false, "exact": false,
            "released_until": figures.releasedUntil.map { .text("\($0)") } ?? .null,
        ]).adding(body)
    }

    private func body(from figures: PublicFigures) -> KeyValuePairs<String, JSON>? {
        switch self {
        case .overall: return figures.subject(.overall).map { ["figures": $0.json] }
        case .named(let kind, let name):
            guard let own = figures.subject(kind, named: name) else { return nil }
            return [
                "figures": own.json, "treatments": JSON(figures.treatments(of: own.subject).map(\.json)),
            ]
        case .treatments(let condition):
            guard let own = figures.subject(.condition, named: condition) else { return nil }
            let treatments = figures.treatments(of: own.subject)
            return treatments.isEmpty ? nil : ["treatments": JSON(treatments.map(\.json))]
        case .list(let level, let window, let page):
            let subjects = figures.subjects(at: level, in: window)
            return page.list(subjects, \.json)
        }
    }
}

extension Window {
    /// The window of released figures that comes nearest.
    var released: ReleasedWindow {
        switch self {
        case .days30: .lastMonth
        case .days90: .lastThreeMonths
        case .all: .all
        }
    }
}
