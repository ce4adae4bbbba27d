import Configuration
import Domain
import Foundation
import Store
import StoreSQLite
import Testing
import TestSupport

@testable import Reports

@Suite(.timeLimit(.minutes(30))) struct ReportTests {
    private let clinic: PublishedClinic
    private let last = day("2026-10-20")

    init() async throws {
        var records = TestClinic()
        let patient = records.patient()
        for (herb, stars) in [("good", [5, 5, 5, 5]), ("=bad", [1, 1, 2]), ("fair", [5, 1])] {
            let recommendation = records.recommendation(herb, for: "c", to: patient, on: last - 10)
            for stars in stars { records.rate(recommendation, stars, on: last - 5) }
        }
        clinic = try await PublishedClinic(records, asOf: last)
    }

    private static let herbs = """
        title: Herbs
        from: effectiveness
        where: {level: herb, window: 30}
        columns: [subject, samples, effectiveness]
        sort: [-effectiveness]

        """

    @Test func filtersSortsAndLimits() throws {
        #expect(try clinic.rows(Self.herbs).map(\.first) == [.text("good"), .text("fair"), .text("=bad")])
        #expect(try clinic.rows(Self.herbs + "limit: 1") == [[.text("good"), .integer(4), .decimal(1)]])
        #expect(try clinic.rows(Self.herbs, minimumSamples: 3).count == 2)
        try clinic.report(Self.herbs + "limit: 2") { report in
            #expect(report.asOf == last)
            #expect(report.sections[0].shown == ReportSection.RowTotals(rows: 2, control: 6))
            #expect(report.sections[0].matching == ReportSection.RowTotals(rows: 3, control: 9))
            #expect(report.sections[0].allRows.count == 3)
            #expect(
                report.sections[0].totals(report.formatter)
                    == "Rows shown: 2 of 3 · samples in them: 6 of 9")
        }
    }

    private func csv(_ yaml: String, byteOrderMark: Bool = false) throws -> String {
        let output = clinic.folder.url.appending(path: "out")
        _ = try clinic.report(yaml) {
            try $0.write(to: output, formats: [.csv], csvByteOrderMark: byteOrderMark)
        }
        return try clinic.folder.read("out/r-2026-10-20.csv")
    }

    @Test func writesTheFileWholeAndTheSameEachTime() throws {
        let text = try csv(Self.herbs)
        #expect(
            text
                == "subject,samples,effectiveness\r\ngood,4,1.000000\r\nfair,2,0.500000\r\n'=bad,3,0.000000\r\n")
        // What a killed process left behind is taken away; no process has the largest number.
        try clinic.folder.write("half a fi", to: "out/.r-2026-10-20.csv.\(Int32.max)-0123456789abcdef.part")
        #expect(try csv(Self.herbs) == text)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: clinic.folder.path("out")) == ["r-2026-10-20.csv"])
        #expect(try csv(Self.herbs, byteOrderMark: true) == "\u{FEFF}" + text)
    }

    @Test func aCSVFileHasAllRowsAndBothEndsOfAnInterval() throws {
        let text = try csv(
            Self.herbs.replacing("effectiveness]\nsort", with: "interval]\nsort") + "limit: 1")
        let lines = text.split(separator: "\r\n")
        #expect(lines[0] == "subject,samples,ci_low,ci_high")
        #expect(lines[1] == "good,4,0.510109,1.000000")
        #expect(lines.count == 4)
    }

    @Test func sectionsStandUnderOneHeaderInACSVFile() throws {
        let text = try csv(
            """
            title: Two
            sections:
              - {name: a, from: effectiveness, where: {level: overall, window: all}, columns: [samples, window]}
              - {name: b, from: cohorts, columns: [herb, samples], sort: [herb]}
            """)
        #expect(text == "section,samples,window,herb\r\na,9,all,\r\nb,3,,'=bad\r\nb,2,,fair\r\nb,4,,good\r\n")
    }

    @Test func aFolderThatCannotBeMadeIsTold() throws {
        try clinic.folder.write("in the way", to: "file")
        for format in ReportFormat.allCases {
            let error = #expect(throws: UnwritableFile.self) {
                try clinic.report(Self.herbs) {
                    try $0.write(to: clinic.folder.url.appending(path: "file/out"), formats: [format])
                }
            }
            #expect(error?.status == .cannotWrite)
        }
    }

    @Test func whatWasNeverComputedIsTold() throws {
        let database = try openDatabase(at: clinic.folder.path("empty.db"), create: true)
        #expect(throws: ReportError.notComputed(source: .effectiveness)) {
            try database.readPublished { try ReportInput($0, sources: [.effectiveness]) }
        }
    }

    @Test func changedRecordsAreTold() throws {
        let yaml = "title: x\nfrom: feedback\nwhere: {level: overall, window: all}"
        #expect(try clinic.report(yaml) { try $0.recordsNote() } == nil)
        var later = TestClinic()
        later.feedback = [
            Feedback(
                id: FeedbackID(rawValue: 99), recommendation: RecommendationID(rawValue: 1), rating: .defaultSuccess,
                improvement: nil, compliance: nil, sideEffects: [], comment: nil,
                createdAt: instant("2026-10-01T12:00:00Z"), deletedAt: nil)
        ]
        try later.write(to: clinic.database)
        let note = try clinic.report(yaml) { try $0.recordsNote() }
        #expect(note?.contains("10 cases up to this day; the run counted 9") == true)
    }
}
