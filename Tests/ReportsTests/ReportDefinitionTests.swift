import Configuration
import Domain
import Foundation
import Testing
import TestSupport

@testable import Reports

@Suite(.timeLimit(.minutes(30))) struct ReportDefinitionTests {
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
        let section = try #require(report.sections.first)
        #expect(report.sections.count == 1)
        #expect(section.name == nil)
        #expect(section.source == .effectiveness)
        #expect(section.accepted == ["level": ["herb"], "window": ["90"]])
        #expect(section.minimumSamples == 5)
        #expect(section.columns == ["subject", "samples", "interval", "trend"])
        #expect(section.sort.map(\.column) == ["adjusted", "subject"])
        #expect(section.sort.map(\.isDescending) == [true, false])
        #expect(section.limit == 200)
        #expect(section.charts.first?.top == 15)
        #expect(section.charts.first?.showsInterval == true)
        #expect(report.figures == FigureKind.standard)
        #expect(report.formats == [.csv])
        #expect(report.title(in: .persian) == "اثربخشی گیاهان")
        #expect(report.title(in: .arabic) == "Herb effectiveness")
        #expect(try definition("title: Plain\nfrom: cohorts").title(in: .arabic) == "Plain")
        #expect(
            try definition("title: Plain\nfrom: cohorts").sections[0].columns == Source.cohorts.standardColumns)
    }

    private static let sections = """
        title: Both
        figures: [cases, side_effects]
        sections:
          - {name: herbs, title: {en: Herbs}, note: Why, from: effectiveness, where: {level: herb}, limit: 5}
          - {name: effects, from: side_effects, where: {level: herb, window: all}}

        """

    @Test func aReportCanHaveSections() throws {
        let report = try definition(Self.sections)
        #expect(report.sections.map(\.name) == ["herbs", "effects"])
        #expect(report.sections[0].titles == [.english: "Herbs"])
        #expect(report.sections[0].notes[.arabic] == "Why")
        #expect(report.figures == [.cases, .sideEffects])
    }

    @Test func aParameterIsForAllSectionsThatKnowItOrForOne() throws {
        let all = try definition(Self.sections, set: ["level": "condition", "limit": "3", "effect": "nausea"])
        #expect(all.sections.map { $0.accepted["level"] } == [["condition"], ["condition"]])
        #expect(all.sections.map(\.limit) == [3, 3])
        #expect(all.sections.map { $0.accepted["effect"] } == [nil, ["nausea"]])
        let one = try definition(Self.sections, set: ["effects.level": "overall"])
        #expect(one.sections.map { $0.accepted["level"] } == [["herb"], ["overall"]])
    }

    @Test func parametersReplaceConditions() throws {
        let report = try definition(Self.example, set: ["level": "treatment", "limit": "7", "min_samples": "1"])
        #expect(report.sections[0].accepted["level"] == ["treatment"])
        #expect(report.sections[0].limit == 7)
        #expect(report.sections[0].minimumSamples == 1)
    }

    @Test(
        arguments: [
            ("titel: x\nfrom: cohorts", "r.yaml:1: titel: is no known key; did you mean 'title'?"),
            ("title: x\nfrom: effectivness", "r.yaml:2: from: has no 'effectivness'; did you mean 'effectiveness'?"),
            ("title: x", "from: is missing"), ("from: cohorts", "title: is missing"),
            ("title: x\nfrom: cohorts\ncolumns: [herb, rat]", "r.yaml:3: columns: has no 'rat'; did you mean 'rate'?"),
            ("title: x\nfrom: cohorts\ncolumns:\n  - herb\n  - rat", "r.yaml:5: columns: has no 'rat'"),
            ("title: x\nfrom: cohorts\nsort:\n  - herb\n  - -rat", "r.yaml:5: sort: has no 'rat'"),
            (
                "title: x\nfrom: cohorts\nformats:\n  - csv\n  - pfd",
                "r.yaml:5: formats: has no 'pfd'; did you mean 'pdf'?"
            ),
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
            ("title: x\nfrom: cohorts\ncharts: [{kind: heatmap, x: herb, y: rate}]", "charts.by: is missing"),
            ("title: x\nfrom: cohorts\ncharts: [{kind: bar, x: herb, y: condition}]", "no number that can be drawn"),
            ("title: x\nfrom: cohorts\ncharts: [{kind: bar, by: herb}]", "charts.by: is no known key"),
            ("title: x\nfrom: cohorts\ncharts: [{kind: change, x: herb}]", "only a section from trends"),
            ("title: x\nfrom: cohorts\ncolumns: [herb, herb]", "columns: has 'herb' twice"),
            ("title: x\nfrom: comments\nwhere: {min_samples: 3}", "where.min_samples: is no column of comments"),
            ("title: x\nfigures: [case]\nfrom: cohorts", "figures: has no 'case'; did you mean 'cases'?"),
            ("title: x\nsections: []", "sections: must be a list of sections"),
            ("title: x\nsections: [{from: cohorts}]", "sections.name: is missing"),
            ("title: x\nsections: [{name: a b, from: cohorts}]", "sections.name: is 'a b', but must be a word"),
            ("title: x\nsections: [{name: a, from: runs}, {name: a, from: runs}]", "sections: has 'a' twice"),
            ("title: x\nfrom: runs\nsections: [{name: a, from: runs}]", "r.yaml:2: from: stands beside 'sections'"),
            ("title: x\nsections:\n  - name: a\n    form: runs", "r.yaml:4: sections.form: is no known key"),
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
        #expect(
            names == [
                "clinic-monthly", "effectiveness", "feedback-statistics", "predictions", "side-effects",
                "treatments-by-mizaj", "trending", "worst-performing",
            ])
        for name in names {
            let report = try ReportDefinition(named: name, in: folder)
            #expect(Set(Language.allCases) == Set(report.titles.keys), "\(name)")
            #expect(report.formats == ReportFormat.allCases, "\(name)")
            for section in report.sections where section.name != nil {
                #expect(Set(Language.allCases) == Set(section.titles.keys), "\(name)")
            }
        }
        let error = #expect(throws: DefinitionError.self) { try ReportDefinition(named: "predictons", in: folder) }
        #expect(error?.description.contains("did you mean 'predictions'?") == true)
    }
}
