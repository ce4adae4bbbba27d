import Analytics
import Domain
import Foundation
import Store
import Testing
import TestSupport

@testable import Reports

struct ReportTests {
    private let folder: TemporaryFolder
    private let database: any Database
    private let last = day("2026-10-20")

    init() throws {
        folder = try TemporaryFolder()
        database = try openDatabase(at: folder.path("clinic.db"), create: true)
        var clinic = TestClinic()
        let patient = clinic.patient()
        for (herb, stars) in [("good", [5, 5, 5, 5]), ("=bad", [1, 1, 2]), ("fair", [5, 1])] {
            let recommendation = clinic.recommendation(herb, for: "c", to: patient, on: last - 10)
            for stars in stars { clinic.rate(recommendation, stars, on: last - 5) }
        }
        try clinic.write(to: database)
    }

    private func publish() throws {
        let clinic = try database.clinic(asOf: last, in: .utc)
        var results = Results(asOf: last, herbs: clinic.herbs.termNames, conditions: clinic.conditions.termNames)
        let success = Rating.defaultSuccess
        results.effectiveness = Analytics.effectiveness(of: clinic, successRating: success)
        let run = try database.beginRun(
            RunStart(
                job: "test", asOf: last, trigger: .manual, startedAt: Instant(seconds: 0), softwareVersion: "",
                modelVersion: "", settings: ""))
        _ = try database.publish(results, of: clinic, run: run)
    }

    private func report(_ yaml: String, minimumSamples: Int = 1) throws -> Report {
        let definition = try ReportDefinition(Definition(text: yaml, file: "herbs.yaml"), name: "herbs")
        return try database.readPublished { try Report(definition, from: $0, minimumSamples: minimumSamples) }
    }

    private static let herbs = """
        title: Herbs
        from: effectiveness
        where: {level: herb, window: 30}
        columns: [subject, samples, effectiveness]
        sort: [-effectiveness]

        """

    @Test func filtersSortsAndLimits() throws {
        try publish()
        #expect(try report(Self.herbs).rows.map(\.first) == [.text("good"), .text("fair"), .text("=bad")])
        let limited = try report(Self.herbs + "limit: 1")
        #expect(limited.rows == [[.text("good"), .integer(4), .decimal(1)]])
        #expect(limited.matchingRows == 3)
        #expect(try report(Self.herbs, minimumSamples: 3).rows.count == 2)
        #expect(limited.asOf == last)
    }

    @Test func writesTheFileWholeAndTheSameEachTime() throws {
        try publish()
        let output = folder.url.appending(path: "out")
        let file = try #require(try report(Self.herbs).write(to: output, formats: [.csv]).first)
        #expect(file.url.lastPathComponent == "herbs-2026-10-20.csv")
        let text = try folder.read("out/herbs-2026-10-20.csv")
        #expect(
            text
                == "subject,samples,effectiveness\r\ngood,4,1.000000\r\nfair,2,0.500000\r\n'=bad,3,0.000000\r\n")
        // What a killed process left behind is taken away; no process has the largest number.
        try folder.write("half a fi", to: "out/.herbs-2026-10-20.csv.\(Int32.max)")
        _ = try report(Self.herbs).write(to: output, formats: [.csv])
        #expect(try folder.read("out/herbs-2026-10-20.csv") == text)
        #expect(try FileManager.default.contentsOfDirectory(atPath: output.path) == ["herbs-2026-10-20.csv"])
    }

    @Test func aFolderThatCannotBeMadeIsTold() throws {
        try publish()
        try folder.write("in the way", to: "file")
        let error = #expect(throws: UnwritableFile.self) {
            try report(Self.herbs).write(to: folder.url.appending(path: "file/out"), formats: [.csv])
        }
        #expect(error?.status == .cannotWrite)
    }

    @Test func whatWasNeverComputedIsTold() throws {
        #expect(throws: ReportError.notComputed(source: .effectiveness)) { try report(Self.herbs) }
        try publish()
        #expect(throws: ReportError.notComputed(source: .trends)) { try report("title: x\nfrom: trends") }
    }
}
