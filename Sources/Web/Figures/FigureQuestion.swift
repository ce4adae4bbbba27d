import Analytics
import Domain
import Store

/// A question about figures of many patients. It is answered in one way, from all figures for the clinic's staff, and from
/// what is released for all others.
enum FigureQuestion: Sendable {
    /// Everything together.
    case overall
    /// A herb or condition, and its treatments, the best first; `nil` for a name that no record has.
    case named(NameKind, TermID?)
    /// Subjects that improve or decline, the surest first.
    case trending(Level, Direction?, Page)
    /// Subjects that work least, the worst first.
    case worst(Level, Window, fewest: Int, Page)
    /// Treatments of a condition, the best first.
    case best(condition: TermID)

    /// A part of a list.
    struct Page: Sendable {
        var limit: Int
        /// How many come before it.
        var start: Int

        init(_ call: Call) {
            limit = call.limit
            start = Int(call.cursor ?? 0)
        }
    }

    /// The answer; `nil` where the figures hold nothing to tell.
    ///
    /// - Parameter isExact: whether these are all figures there are.
    func answer(from figures: some Figures, isExact: Bool) throws -> JSON? {
        guard let body = try body(from: figures) else { return nil }
        return JSON.object([]).adding([
            "withheld": false, "exact": .boolean(isExact), "as_of": JSON(figures.asOf),
        ]).adding(body)
    }

    private func body(from figures: some Figures) throws -> KeyValuePairs<String, JSON>? {
        switch self {
        case .overall:
            return try SubjectFigures(.overall, .all, in: figures).map { ["figures": try $0.json(in: figures)] }
        case .named(let kind, let term):
            guard let term else { return nil }
            let (level, subject) = kind == .herb ? (Level.herb, Subject.herb(term)) : (.condition, .condition(term))
            guard let own = try SubjectFigures(level, subject, in: figures) else { return nil }
            let treatments = try ranked(.treatment, in: figures) {
                kind == .herb ? $0.herb == term : $0.condition == term
            }
            return ["figures": try own.json(in: figures), "treatments": JSON(treatments)]
        case .best(let condition):
            let treatments = try ranked(.treatment, in: figures) { $0.condition == condition }
            return treatments.isEmpty ? nil : ["treatments": JSON(treatments)]
        case .trending(let level, let direction, let page): return try trending(level, direction, page, in: figures)
        case .worst(let level, let window, let fewest, let page):
            return try worst(level, window, fewest, page, in: figures)
        }
    }

    /// Subjects by their effectiveness over all days, shrunk towards their level, the best first.
    private func ranked(
        _ level: Level, in figures: some Figures, where isWanted: (Subject) -> Bool
    ) throws -> [JSON] {
        let tallies = try figures.tallies(at: level)
        let trends = try figures.trends(at: level)
        let prior = try figures.prior(of: level, in: .all)
        let wanted = zip(tallies.keys, tallies.values).filter { isWanted($0.0) && $0.1.all.samples > 0 }
        return try wanted.sorted { ($1.1.all.adjusted(by: prior), $0.0) < ($0.1.all.adjusted(by: prior), $1.0) }.map {
            try SubjectFigures(level, $0.0, $0.1, trends[$0.0]).json(in: figures)
        }
    }

    private func trending(
        _ level: Level, _ direction: Direction?, _ page: Page, in figures: some Figures
    ) throws -> KeyValuePairs<String, JSON> {
        let tested = try figures.trends(at: level)
        let found = tested.trends.keys.indices.compactMap { position -> (Int, Double)? in
            let trend = tested.trends.values[position]
            let isWanted =
                direction.map { trend.direction == $0 } ?? [.improving, .declining].contains(trend.direction)
            return isWanted ? (position, tested.qValues[position] ?? 1) : nil
        }.sorted { ($0.1, $0.0) < ($1.1, $1.0) }
        return try list(found.map(\.0), page) { position in
            let subject = tested.trends.keys[position]
            let tallies = try figures.tallies(at: level, of: subject) ?? WindowTallies()
            return try SubjectFigures(
                level, subject, tallies, (tested.trends.values[position], tested.qValues[position])
            ).json(in: figures)
        }
    }

    private func worst(
        _ level: Level, _ window: Window, _ fewest: Int, _ page: Page, in figures: some Figures
    ) throws -> KeyValuePairs<String, JSON> {
        let tallies = try figures.tallies(at: level)
        let trends = try figures.trends(at: level)
        let prior = try figures.prior(of: level, in: window)
        let found = zip(tallies.keys, tallies.values).filter { Int($0.1[window].samples) >= fewest }.sorted {
            ($0.1[window].adjusted(by: prior), $0.0) < ($1.1[window].adjusted(by: prior), $1.0)
        }
        return try list(found, page) {
            try SubjectFigures(level, $0.0, $0.1, trends[$0.0]).json(in: figures)
        }
    }

    private func list<Entry>(
        _ entries: [Entry], _ page: Page, _ json: (Entry) throws -> JSON
    ) rethrows -> KeyValuePairs<String, JSON> {
        let end = page.start + page.limit
        return [
            "subjects": JSON(try entries.dropFirst(page.start).prefix(page.limit).map(json)),
            "next_cursor": end < entries.count ? .text(String(end)) : .null,
        ]
    }
}
