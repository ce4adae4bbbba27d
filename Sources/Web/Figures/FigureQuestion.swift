import Domain
import Statistics
import Store

/// A question about figures of many patients, which is answered exactly, for the clinic's staff.
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

        init(limit: Int, start: Int) {
            self.limit = limit
            self.start = start
        }

        init(_ call: Call) {
            self.init(limit: call.limit, start: Int(call.cursor ?? 0))
        }

        /// The part of a list, with the cursor of the next.
        func list<Entry>(_ entries: [Entry], _ json: (Entry) -> JSON) -> KeyValuePairs<String, JSON> {
            let end = start + limit
            return [
                "subjects": JSON(entries.dropFirst(start).prefix(limit).map(json)),
                "next_cursor": end < entries.count ? .text(String(end)) : .null,
            ]
        }
    }

    /// The answer; `nil` where there are no figures of what is asked for.
    func answer(from figures: PublishedFigures) -> JSON? {
        guard let body = body(from: figures) else { return nil }
        return JSON.object([]).adding([
            "withheld": false, "exact": true, "as_of": JSON(figures.asOf),
        ]).adding(body)
    }

    private func body(from figures: PublishedFigures) -> KeyValuePairs<String, JSON>? {
        switch self {
        case .overall:
            return SubjectFigures(.overall, .all, in: figures).map { ["figures": $0.json(in: figures)] }
        case .named(let kind, let term):
            guard let term else { return nil }
            let (level, subject) = kind == .herb ? (Level.herb, Subject.herb(term)) : (.condition, .condition(term))
            guard let own = SubjectFigures(level, subject, in: figures) else { return nil }
            let treatments = ranked(.treatment, in: figures) {
                kind == .herb ? $0.herb == term : $0.condition == term
            }
            return ["figures": own.json(in: figures), "treatments": JSON(treatments)]
        case .best(let condition):
            let treatments = ranked(.treatment, in: figures) { $0.condition == condition }
            return treatments.isEmpty ? nil : ["treatments": JSON(treatments)]
        case .trending(let level, let direction, let page): return trending(level, direction, page, in: figures)
        case .worst(let level, let window, let fewest, let page):
            return worst(level, window, fewest, page, in: figures)
        }
    }

    /// Subjects by their effectiveness over all days, shrunk towards their level, the best first.
    private func ranked(
        _ level: Level, in figures: PublishedFigures, where isWanted: (Subject) -> Bool
    ) -> [JSON] {
        let tallies = figures.tallies(at: level)
        let trends = figures.trends(at: level)
        let prior = figures.prior(of: level, in: .all)
        let wanted = zip(tallies.keys, tallies.values).filter { isWanted($0.0) && $0.1.all.samples > 0 }
        return wanted.sorted { ($1.1.all.adjusted(by: prior), $0.0) < ($0.1.all.adjusted(by: prior), $1.0) }.map {
            SubjectFigures(level, $0.0, $0.1, trends[$0.0]).json(in: figures)
        }
    }

    private func trending(
        _ level: Level, _ direction: Direction?, _ page: Page, in figures: PublishedFigures
    ) -> KeyValuePairs<String, JSON> {
        let tested = figures.trends(at: level)
        let found = tested.trends.keys.indices.compactMap { position -> (Int, Double)? in
            let trend = tested.trends.values[position]
            let isWanted =
                direction.map { trend.direction == $0 } ?? [.improving, .declining].contains(trend.direction)
            return isWanted ? (position, tested.qValues[position] ?? 1) : nil
        }.sorted { ($0.1, $0.0) < ($1.1, $1.0) }
        return page.list(found.map(\.0)) { position in
            let subject = tested.trends.keys[position]
            let tallies = figures.tallies(at: level, of: subject) ?? WindowTallies()
            return SubjectFigures(
                level, subject, tallies, (tested.trends.values[position], tested.qValues[position])
            ).json(in: figures)
        }
    }

    private func worst(
        _ level: Level, _ window: Window, _ fewest: Int, _ page: Page, in figures: PublishedFigures
    ) -> KeyValuePairs<String, JSON> {
        let tallies = figures.tallies(at: level)
        let trends = figures.trends(at: level)
        let prior = figures.prior(of: level, in: window)
        let found = zip(tallies.keys, tallies.values).filter { Int($0.1[window].samples) >= fewest }.sorted {
            ($0.1[window].adjusted(by: prior), $0.0) < ($1.1[window].adjusted(by: prior), $1.0)
        }
        return page.list(found) {
            SubjectFigures(level, $0.0, $0.1, trends[$0.0]).json(in: figures)
        }
    }
}
