import Domain

/// How often a side effect was told of a subject in a window.
struct SideEffectRow: SourceRow, SubjectRow {
    let level: Level
    let key: Subject
    let subject: String
    let names: SubjectNames
    let window: Window
    /// The side effect, in the spelling of the first case that tells it.
    let effect: String
    let cases: EffectTally
    /// All cases of the subject in the window.
    let samples: Int

    /// The cases that tell a side effect.
    struct EffectTally {
        var cases = 0
        var ratingSum = 0
    }

    static let samplesColumn: String? = "samples"
    /// The samples of a subject stand in each of its rows.
    static let controlColumn: String? = "cases"
    static let standardColumns = ["level", "subject", "window", "effect", "cases", "samples", "rate", "interval"]

    static var columns: [Column<Self>] {
        subjectColumns + [
            Column("window", .word(.window)) { .text($0.window.rawValue) },
            Column("effect", .name) { .text($0.effect) },
            Column("cases", .count) { .integer(Int64($0.cases.cases)) },
            Column("samples", .count) { .integer(Int64($0.samples)) },
            Column("rate", .share, interval: "interval") { .share($0.cases.cases, of: $0.samples) },
            Column("interval", .interval(of: .share)) { .interval(successes: $0.cases.cases, of: $0.samples) },
            Column("mean_rating", .rating) { .decimal(Double($0.cases.ratingSum) / Double($0.cases.cases)) },
        ]
    }

    private struct SubjectTally {
        var samples = 0
        var effects: [String: EffectTally] = [:]

        mutating func add(_ told: [String], rating: Int) {
            samples += 1
            for effect in told {
                effects[effect, default: EffectTally()].cases += 1
                effects[effect]?.ratingSum += rating
            }
        }
    }

    static func forEach(
        of input: ReportInput, needed: Set<String>, _ filter: Filter, _ body: (Self) throws -> Void
    ) throws {
        let names = SubjectNames(try input.results.names())
        var effects = EffectNames()
        for level in filter.levels {
            var windows = [[Subject: SubjectTally]](repeating: [:], count: filter.windows.count)
            try input.forEachCase(notes: true) { item, _ in
                let told = effects.keys(of: item.sideEffects)
                for (position, window) in filter.windows.enumerated()
                where window.contains(item.day, asOf: input.asOf) {
                    windows[position][item.subject(at: level), default: SubjectTally()].add(told, rating: item.rating)
                }
            }
            for (window, tallies) in zip(filter.windows, windows) {
                let subjects = tallies.keys.sorted()
                for (position, text) in names.order(of: subjects, at: level) {
                    guard let tally = tallies[subjects[position]] else { continue }
                    for (key, cases) in tally.effects.sorted(by: { ($1.value.cases, $0.key) < ($0.value.cases, $1.key) }
                    ) {
                        try body(
                            Self(
                                level: level, key: subjects[position], subject: text, names: names, window: window,
                                effect: effects[key], cases: cases, samples: tally.samples))
                    }
                }
            }
        }
    }
}
