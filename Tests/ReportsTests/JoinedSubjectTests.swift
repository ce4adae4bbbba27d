import Domain
import Foundation
import Testing
import TestSupport

@testable import Reports

/// Names with the signs that join the keys of treatments and cohorts.
@Suite(.timeLimit(.minutes(30))) struct JoinedSubjectTests {
    private let last = day("2026-10-20")

    private func clinic() async throws -> PublishedClinic {
        var records = TestClinic()
        let herb = records.recommendation("a|b", for: #"c\d"#, to: records.patient(.garmTar), on: last - 9)
        for stars in 1...5 { records.rate(herb, stars, on: last - stars) }
        return try await PublishedClinic(records, asOf: last)
    }

    @Test(arguments: [
        ("herb", "a|b", "a|b"), ("condition", #"c\d"#, #"c\d"#), ("treatment", #"a\|b|c\\d"#, #"a|b · c\d"#),
        ("cohort", #"garm_tar|a\|b|c\\d"#, #"Warm and wet · a|b · c\d"#), ("overall", "all", "all"),
    ])
    func programsGetKeysAndPeopleGetNames(level: String, key: String, shown: String) async throws {
        let clinic = try await clinic()
        let yaml = "title: x\nfrom: effectiveness\nwhere: {level: \(level), window: all}\ncolumns: [subject]"
        let (cell, csv) = try clinic.report(yaml) { report in
            _ = try report.write(to: clinic.folder.url, formats: ReportFormat.allCases)
            return (report.sections[0].allRows[0][0], try clinic.folder.read("r-\(last).csv"))
        }
        #expect(cell.plainText(places: 0) == key)
        #expect(cell.json(places: 0) == key.json)
        #expect(CellFormatter(.english).text(cell, .name) == shown)
        #expect(csv == "subject\r\n\(key)\r\n")
        let pages = try await CommandRun.shell("pdftotext -layout r-\(last).pdf -", in: clinic.folder)
        #expect(pages.output.contains(shown), "\(pages.output)")
        let found = try clinic.report(yaml, set: ["subject": key]) { $0.sections[0].matching.rows }
        #expect(found == 1)
    }

    @Test func subjectsOfSeveralLevelsAreSortedByTheirKeys() async throws {
        let clinic = try await clinic()
        let rows = try clinic.rows(
            "title: x\nfrom: effectiveness\nwhere: {window: all, level: [herb, condition, treatment]}\nsort: -subject\ncolumns: [subject]"
        )
        let keys = rows.map { $0[0].plainText(places: 0) }
        #expect(keys == keys.sorted(by: >))
        #expect(keys.count == 3)
    }
}
