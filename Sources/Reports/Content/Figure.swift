import Domain
import Statistics
import Store

/// A headline figure, in words and digits.
struct Figure {
    let label: String
    let cell: Cell
    let kind: ColumnKind
    let value: String
    /// On how many cases it rests, and how sure it is.
    let detail: String
    /// Whether it rests on few samples.
    let isUncertain: Bool
}

/// Works out headline figures.
struct FigureBuilder {
    let input: ReportInput
    let formatter: CellFormatter
    private let overall: WindowTallies
    private let trends: [Level: Keyed<Subject, Trend>]
    private let feedback: FeedbackTally

    init(_ kinds: [FigureKind], from input: ReportInput, formatter: CellFormatter) throws {
        self.input = input
        self.formatter = formatter
        let origins = try input.results.origins()
        func isCurrent(_ stage: Stage) -> Bool { origins[stage]?.asOf == input.asOf }
        overall = isCurrent(.effectiveness) ? try input.results.tallies(at: .overall)[.all] ?? .init() : .init()
        var trends: [Level: Keyed<Subject, Trend>] = [:]
        if isCurrent(.trends) {
            if kinds.contains(.change) { trends[.overall] = try input.results.trends(at: .overall) }
            if kinds.contains(.improving) || kinds.contains(.declining) {
                trends[.treatment] = try input.results.trends(at: .treatment)
            }
        }
        self.trends = trends
        var feedback = FeedbackTally()
        if kinds.contains(.rating) || kinds.contains(.sideEffects) {
            try input.forEachCase(days: 90, notes: kinds.contains(.sideEffects)) { item, isSuccess in
                feedback.add(item, isSuccess: isSuccess, countsPatients: false)
            }
        }
        self.feedback = feedback
    }

    func figure(_ kind: FigureKind) -> Figure {
        let (cell, columnKind, detail, samples) = parts(kind)
        return Figure(
            label: formatter.catalogue.figure(kind), cell: cell, kind: columnKind,
            value: cell == .empty ? "–" : formatter.text(cell, columnKind), detail: detail,
            isUncertain: Chart.Mark.isUncertain(samples))
    }

    private typealias Parts = (cell: Cell, kind: ColumnKind, detail: String, samples: Int64?)

    private func parts(_ kind: FigureKind) -> Parts {
        switch kind {
        case .cases:
            return (
                Cell(overall.days90.samples), .count,
                formatter.catalogue.text(
                    .figureCases,
                    [
                        "recent": formatter.count(Int64(overall.days30.samples)),
                        "all": formatter.count(Int64(overall.all.samples)),
                    ]),
                nil
            )
        case .effectiveness:
            let tally = overall.days90
            return share(Int(tally.successes), of: Int(tally.samples))
        case .sideEffects:
            return share(feedback.withSideEffects, of: feedback.samples)
        case .rating:
            guard feedback.samples > 0 else { return unknown }
            return (
                Cell.decimal(feedback.meanRating), .rating,
                detail(feedback.samples, formatter.interval(feedback.ratingInterval, .interval(of: .rating))),
                Int64(feedback.samples)
            )
        case .change:
            guard let trend = trends[.overall]?[.all], let delta = trend.delta, let p = trend.pValue,
                let recent = trend.recentRate, let baseline = trend.baselineRate
            else { return unknown }
            let interval = differenceInterval(
                recent, wilsonInterval(successes: Int(trend.recentSuccesses), samples: Int(trend.recentSamples)),
                less: baseline,
                wilsonInterval(successes: Int(trend.baselineSuccesses), samples: Int(trend.baselineSamples)))
            return (
                Cell.decimal(delta), .points,
                formatter.catalogue.text(
                    .figureChange,
                    [
                        "recent": formatter.count(Int64(trend.recentSamples)),
                        "baseline": formatter.count(Int64(trend.baselineSamples)),
                        "low": formatter.signed(interval.lowerBound * 100),
                        "high": formatter.signed(interval.upperBound * 100), "p": formatter.probability(p),
                    ]),
                Int64(min(trend.recentSamples, trend.baselineSamples))
            )
        case .improving: return treatments(.improving)
        case .declining: return treatments(.declining)
        }
    }

    private var unknown: Parts { (.empty, .count, formatter.catalogue.text(.noData), nil) }

    private func share(_ successes: Int, of samples: Int) -> Parts {
        guard samples > 0 else { return unknown }
        let interval = wilsonInterval(successes: successes, samples: samples)
        return (
            Cell.share(successes, of: samples), .share,
            detail(samples, formatter.interval(interval, .interval(of: .share))), Int64(samples)
        )
    }

    private func detail(_ samples: Int, _ interval: String) -> String {
        formatter.catalogue.text(.figureInterval, ["n": formatter.count(samples), "interval": interval])
    }

    private func treatments(_ direction: Direction) -> Parts {
        guard let trends = trends[.treatment] else { return unknown }
        let qValues = trends.qValues
        let significant = zip(trends.values, qValues).filter {
            $0.direction == direction && Trend.isSignificant(qValue: $1)
        }
        let tested = qValues.count { $0 != nil }
        return (
            .integer(Int64(significant.count)), .count,
            formatter.catalogue.text(.figureTested, ["tested": formatter.count(tested)], counts: ["tested": tested]),
            nil
        )
    }
}
