import Domain
import Statistics
import TestSupport
import Testing

@testable import Reports

@Suite(.timeLimit(.minutes(30))) struct ChartTests {
    private let last = day("2026-10-20")

    private func chart(_ clinic: PublishedClinic, _ yaml: String, language: Language = .english) throws -> Chart {
        try clinic.report(yaml, language: language) { try #require($0.sections[0].charts.first) }
    }

    @Test func barsAreTheFirstRowsWithIntervalAndSamples() async throws {
        let clinic = try await PublishedClinic.random(1, asOf: last)
        let yaml = """
            title: x
            from: effectiveness
            where: {level: treatment, window: all}
            columns: [herb, condition, effectiveness, interval, samples]
            sort: [-effectiveness]
            charts: [{kind: bar, x: [herb, condition], y: effectiveness, top: 4}]
            """
        let rows = try clinic.rows(yaml)
        let chart = try chart(clinic, yaml)
        guard case .bars(let marks) = chart.content else { throw Unexpected() }
        #expect(marks.count == 4)
        #expect(chart.shown == 4)
        #expect(chart.available == rows.count)
        for (mark, row) in zip(marks, rows) {
            guard case .text(let herb) = row[0], case .text(let condition) = row[1], case .interval(let ends) = row[3]
            else { throw Unexpected() }
            #expect(mark.label == "\(herb) · \(condition)")
            #expect(.decimal(mark.value) == row[2])
            #expect(mark.interval == ends)
            #expect(mark.samples.map { .integer($0) } == row[4])
            #expect(mark.isUncertain == (mark.samples.map { $0 < 20 } ?? false))
        }
        #expect(chart.captions(CellFormatter(.english)).contains("Shown: 4 of \(rows.count)."))
    }

    @Test func aLineHasEveryMonthEvenWithoutCases() async throws {
        var records = TestClinic()
        let recommendation = records.recommendation("a", for: "c", to: records.patient(), on: last - 300)
        for age in [200, 199, 20] { records.rate(recommendation, 5, on: last - age) }
        let clinic = try await PublishedClinic(records, asOf: last)
        let chart = try chart(
            clinic,
            "title: x\nfrom: ratings\nwhere: {level: overall}\ncharts: [{kind: line, x: month, y: mean_rating}]")
        guard case .panels(let panels, let axis) = chart.content else { throw Unexpected() }
        #expect(axis == ["Apr 2026", "May 2026", "Jun 2026", "Jul 2026", "Aug 2026", "Sep 2026"])
        #expect(panels.count == 1)
        #expect(panels[0].marks.map { $0?.samples } == [2, nil, nil, nil, nil, 1])
        // Equal ratings, and one alone, are uncertain by the step between ratings.
        #expect(panels[0].marks[0]?.interval == meanRatingInterval(counts: [0, 0, 0, 0, 2]))
        #expect(panels[0].marks[5]?.interval == meanRatingInterval(counts: [0, 0, 0, 0, 1]))
        #expect(chart.scale == 1...5)
    }

    @Test func aHeatMapHasAColumnForEachMizajAndTheLargestRowsFirst() async throws {
        let clinic = try await PublishedClinic.random(3, asOf: last)
        let yaml = """
            title: x
            from: cohorts
            columns: [herb, condition, mizaj_type, samples, rate]
            charts: [{kind: heatmap, x: [herb, condition], by: mizaj_type, y: rate, top: 5}]
            """
        guard case .heat(let map) = try chart(clinic, yaml).content else { throw Unexpected() }
        #expect(map.columns == ["Warm and wet", "Warm and dry", "Cold and wet", "Cold and dry", "Balanced"])
        #expect(map.rows.count == 5)
        let totals = map.rows.map { $0.marks.reduce(0) { $0 + ($1?.samples ?? 0) } }
        #expect(totals == totals.sorted(by: >))
        for row in try clinic.rows(yaml) {
            guard case .text(let herb) = row[0], case .text(let condition) = row[1], case .text(let mizaj) = row[2],
                let line = map.rows.first(where: { $0.title == "\(herb) · \(condition)" }),
                let column = Mizaj.allCases.firstIndex(where: { $0.rawValue == mizaj })
            else { continue }
            #expect(line.marks[column].map { .decimal($0.value) } == row[4])
        }
    }

    @Test func aChangeThatIsNotSignificantIsMarkedSo() async throws {
        var records = TestClinic()
        let patient = records.patient()
        for (herb, before, after) in [("sure", 1, 5), ("chance", 4, 4)] {
            let recommendation = records.recommendation(herb, for: "c", to: patient, on: last - 80)
            for number in 0..<40 {
                records.rate(recommendation, herb == "chance" && number < 2 ? 1 : before, on: last - 60)
                records.rate(recommendation, after, on: last - 5)
            }
        }
        let clinic = try await PublishedClinic(records, asOf: last)
        let yaml = "title: x\nfrom: trends\nwhere: {level: herb}\nsort: [q_value]\ncharts: [{kind: change, x: herb}]"
        guard case .changes(let changes) = try chart(clinic, yaml).content else { throw Unexpected() }
        #expect(changes.map(\.label) == ["sure", "chance"])
        #expect(changes.map(\.isSignificant) == [true, false])
        #expect(changes.map(\.direction) == [.improving, .improving])
        #expect(changes[0].baseline?.value == 0)
        #expect(changes[0].recent?.samples == 40)
        // In tables as well: the cell knows.
        let rows = try clinic.rows(
            "title: x\nfrom: effectiveness\nwhere: {level: herb, window: all}\ncolumns: [herb, trend]")
        #expect(
            rows == [
                [.text("chance"), .trend(.improving, isSignificant: false)],
                [.text("sure"), .trend(.improving, isSignificant: true)],
            ])
    }

    @Test func scalesFitSmallSharesAndCounts() {
        func scale(_ kind: ColumnKind, _ value: Double, _ interval: ClosedRange<Double>? = nil) -> ClosedRange<Double> {
            Chart(
                title: "", kind: kind, valueTitle: "", shown: 1, available: 1,
                content: .bars([Chart.Mark(value: value, interval: interval, samples: 9)])
            ).scale
        }
        #expect(scale(.share, 0.7) == 0...1)
        #expect(scale(.share, 0.015, 0.01...0.03) == 0...0.05)
        #expect(scale(.count, 76) == 0...100)
        #expect(scale(.count, 1001) == 0...2000)
        #expect(scale(.rating, 3) == 1...5)
    }

    @Test(arguments: [
        (ColumnKind.count, 1.0, ["0", "1"]), (.count, 4, ["0", "1", "2", "3", "4", "5"]),
        (.count, 17, ["0", "5", "10", "15", "20"]), (.count, 76, ["0", "20", "40", "60", "80", "100"]),
        (.share, 0.7, ["0%", "25%", "50%", "75%", "100%"]),
        (.share, 0.019, ["0.0%", "0.4%", "0.8%", "1.2%", "1.6%", "2.0%"]),
        (.rating, 4.2, ["1", "2", "3", "4", "5"]),
    ])
    func ticksAreRoundNumbers(kind: ColumnKind, value: Double, ticks: [String]) {
        let chart = Chart(
            title: "", kind: kind, valueTitle: "", shown: 1, available: 1,
            content: .bars([Chart.Mark(value: value, interval: nil, samples: 9)]))
        let axis = ValueAxis(chart: chart, formatter: CellFormatter(.english))
        #expect(axis.ticks.map(axis.tick) == ticks)
    }

    @Test func figuresSayOnHowManyCasesTheyRest() async throws {
        let clinic = try await PublishedClinic.random(2, asOf: last)
        let yaml = "title: x\nfigures: [\(FigureKind.allCases.map(\.rawValue).joined(separator: ", "))]\nfrom: cohorts"
        try clinic.report(yaml) { report in
            #expect(report.figures.count == FigureKind.allCases.count)
            for figure in report.figures {
                #expect(figure.detail.contains { $0.isNumber }, "\(figure)")
                #expect(!figure.value.isEmpty)
            }
            let overall = try report.input.results.tallies(at: .overall)[.all]?.days90
            let effectiveness = try #require(report.figures.first { $0.kind == .share })
            #expect(
                effectiveness.cell
                    == .decimal(Double(overall?.successes ?? 0) / Double(overall?.samples ?? 1)))
            #expect(effectiveness.detail.contains("n\u{A0}=\u{A0}\(overall?.samples ?? 0)"))
        }
    }

    private struct Unexpected: Error {}
}
