import Domain
import Foundation
import Testing
import TestSupport

@testable import Reports

struct ReportDefinitionTests {
    private func definition(_ yaml: String, set parameters: [String: String] = [:]) throws -> ReportDefinition {
        try ReportDefinition(Definition(text: yaml, file: "r.yaml"), name: "r", parameters: parameters)
    }

    private static let example = """
        title: {en: Herb effectiveness, fa: اثربخشی گیاهان}
        from: effectiveness
        where: {level: herb, window: 90, min_samples: 5}
        columns: [subject, samples, interval, trend]
        sort: [-adjusted, subject]
        limit: 200
        charts: [{kind: bar, x: subject, y: effectiveness, interval: true, top: 15}]
        formats: [csv]

        """

    @Test func readsEveryKey() throws {
        let report = try definition(Self.example)
        #expect(report.source == .effectiveness)
        #expect(report.accepted == ["level": ["herb"], "window": ["90"]])
        #expect(report.minimumSamples == 5)
        #expect(report.columns == ["subject", "samples", "interval", "trend"])
        #expect(report.sort.map(\.column) == ["adjusted", "subject"])
        #expect(report.sort.map(\.isDescending) == [true, false])
        #expect(report.limit == 200)
        #expect(report.charts.first?.top == 15)
        #expect(report.title(in: .persian) == "اثربخشی گیاهان")
        #expect(report.title(in: .arabic) == "Herb effectiveness")
        #expect(try definition("title: Plain\nfrom: cohorts").title(in: .arabic) == "Plain")
        #expect(try definition("title: Plain\nfrom: cohorts").columns == Source.cohorts.standardColumns)
    }

    @Test func parametersReplaceConditions() throws {
        let report = try definition(Self.example, set: ["level": "treatment", "limit": "7", "min_samples": "1"])
        #expect(report.accepted["level"] == ["treatment"])
        #expect(report.limit == 7)
        #expect(report.minimumSamples == 1)
    }

    @Test(
        arguments: [
            ("titel: x\nfrom: cohorts", "r.yaml:1: titel: is no known key; did you mean 'title'?"),
            ("title: x\nfrom: effectivness", "r.yaml:2: from: has no 'effectivness'; did you mean 'effectiveness'?"),
            ("title: x", "from: is missing"), ("from: cohorts", "title: is missing"),
            ("title: x\nfrom: cohorts\ncolumns: [herb, rat]", "r.yaml:3: columns: has no 'rat'; did you mean 'rate'?"),
            ("title: x\nfrom: cohorts\nsort: [-samplse]", "sort: has no 'samplse'; did you mean 'samples'?"),
            ("title: x\nfrom: cohorts\nwhere: {mizaj_type: garm}", "where.mizaj_type: has no 'garm'"),
            (
                "title: x\nfrom: trends\nwhere:\n  level: herbs",
                "r.yaml:4: where.level: has no 'herbs'; did you mean 'herb'?"
            ),
            ("title: x\nfrom: trends\nwhere: {window: 90}", "where.window: is no column of trends"),
            ("title: x\nfrom: cohorts\nwhere: {min_samples: few}", "where.min_samples: must be a whole number"),
            ("title: x\nfrom: cohorts\nlimit: 0", "limit: is '0'"),
            ("title: x\nfrom: cohorts\nformats: [docx]", "formats: has no 'docx'"),
            ("title: x\nfrom: cohorts\ncharts: [{kind: pie, x: herb, y: rate}]", "charts.kind: has no 'pie'"),
            ("title: x\nfrom: cohorts\ncharts: [{kind: bar, x: herb, y: rtae}]", "charts.y: has no 'rtae'"),
            ("title: {de: x}\nfrom: cohorts", "title.de: is no known key"),
        ])
    func namesWhatIsWrong(yaml: String, expected: String) throws {
        let error = #expect(throws: DefinitionError.self) { try definition(yaml) }
        #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
    }

    @Test func namesWhatIsWrongInAParameter() {
        let error = #expect(throws: DefinitionError.self) { try definition(Self.example, set: ["levl": "herb"]) }
        #expect(
            error?.description.contains(
                "command line: --set levl: is no column of effectiveness; did you mean 'level'?") == true)
    }

    @Test func everyShippedReportIsSound() throws {
        let folder = Repository.root.appending(path: "reports")
        let names = try DefinitionFolder(folder, kind: "report").names()
        #expect(names == ["cohorts", "effectiveness", "predictions", "trending", "worst-performing"])
        for name in names {
            let report = try ReportDefinition(named: name, in: folder)
            #expect(Set(Language.allCases) == Set(report.titles.keys), "\(name)")
        }
        let error = #expect(throws: DefinitionError.self) { try ReportDefinition(named: "cohort", in: folder) }
        #expect(error?.description.contains("did you mean 'cohorts'?") == true)
    }
}
