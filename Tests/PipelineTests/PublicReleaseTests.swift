import Domain
import Foundation
import Store
import TestSupport
import Testing

@testable import Pipeline

/// Figures are released to anybody once a month, so that what happens on a day or in an hour never shows.
struct PublicReleaseTests {
    private let folder: TemporaryFolder
    private let database: any Database
    private static let computing = "stages: [effectiveness, trends, cohorts, scores]"

    /// Many patients who rate saffron for insomnia on a day in September and on one in October.
    init() throws {
        folder = try TemporaryFolder()
        database = try openDatabase(at: folder.path("clinic.db"), create: true)
        try clinic(late: 0).write(to: database)
    }

    private func clinic(late: Int) -> TestClinic {
        var clinic = TestClinic()
        for (on, count) in [("2026-09-05", 40), ("2026-10-05", 40), ("2026-09-29", late), ("2026-10-12", late)] {
            for number in 0..<count {
                clinic.rate(
                    clinic.recommendation("saffron", for: "insomnia", to: clinic.patient(), on: day("2026-08-31")),
                    number % 2 == 0 ? 5 : 1, on: day(on))
            }
        }
        return clinic
    }

    /// Runs a job and returns how many cases are released then; none of them is later than the month that was released.
    private func released(
        _ yaml: String = computing, asOf: String, at clock: String, only: [Stage]? = nil,
        trigger: RunTrigger = .schedule
    ) async throws -> Int {
        let job = try JobDefinition(Definition(text: yaml, file: "j.yaml"), name: "j")
        _ = try await JobRunner(database: database, settings: Settings(), softwareVersion: "1") {
            instant(clock + "T02:15:00Z")
        }.run(job, asOf: day(asOf), only: only, trigger: trigger)
        return try database.readPublished { results in
            let blocks = try results.publicBlocks()
            let month = try results.releasedMonth()
            for block in blocks {
                let lastDay = try #require(block.days?.upperBound)
                #expect(try lastDay <= #require(month))
            }
            return blocks.reduce(0) { $0 + Int($1.tally.samples) }
        }
    }

    @Test func aMonthIsReleasedAWeekAfterItsEnd() async throws {
        #expect(try await released(asOf: "2026-10-06", at: "2026-10-07") == 0)
        #expect(try await released(asOf: "2026-10-06", at: "2027-01-01") == 0)
        #expect(try await released(asOf: "2026-10-20", at: "2026-10-06") == 0)
        #expect(try await released(asOf: "2026-10-07", at: "2026-10-08") == 40)
        #expect(try await released(asOf: "2026-11-06", at: "2026-11-06") == 40)
        #expect(try await released(asOf: "2026-11-07", at: "2026-11-07") == 80)
    }

    @Test func aMonthIsReleasedOnce() async throws {
        #expect(try await released(asOf: "2026-10-08", at: "2026-10-08") == 40)
        // What comes late stands in the next month's figures, however much it is.
        try clinic(late: 40).write(to: database)
        for offset in 1...23 {
            let on = "\(day("2026-10-08") + offset)"
            #expect(try await released(asOf: on, at: on) == 40)
        }
        #expect(try await released(asOf: "2026-11-08", at: "2026-11-08") == 160)
    }

    /// That a month has too few patients for a block is known as of its release, and no later case shows.
    @Test func aMonthWithoutABlockIsReleasedOnceAsWell() async throws {
        #expect(try await released(asOf: "2026-09-08", at: "2026-09-08") == 0)
        #expect(try database.readPublished { try $0.releasedMonth() } == day("2026-08-31"))
        var clinic = clinic(late: 0)
        for _ in 0..<40 {
            clinic.rate(
                clinic.recommendation("mint", for: "bloating", to: clinic.patient(), on: day("2026-08-01")), 5,
                on: day("2026-08-02"))
        }
        try clinic.write(to: database)
        #expect(try await released(asOf: "2026-09-20", at: "2026-09-20") == 0)
        #expect(try await released(asOf: "2026-10-08", at: "2026-10-08") == 80)
    }

    @Test func onlyARunOfEverythingReleases() async throws {
        let everything = Stage.allCases.filter { $0 != .reports }
        #expect(try await released(asOf: "2026-10-08", at: "2026-10-08", trigger: .feedback) == 0)
        #expect(try await released(asOf: "2026-10-08", at: "2026-10-08", only: everything) == 0)
        #expect(try await released("stages: [effectiveness, trends]", asOf: "2026-10-08", at: "2026-10-08") == 0)
        #expect(try await released(asOf: "2026-10-08", at: "2026-10-08", trigger: .manual) == 40)
    }

    @Test func aRunOfADayInThePastReleasesNothingNew() async throws {
        #expect(try await released(asOf: "2026-11-08", at: "2026-11-08") == 80)
        #expect(try await released(asOf: "2026-10-08", at: "2026-11-09") == 80)
        #expect(try await released(asOf: "2026-11-09", at: "2026-11-10") == 80)
    }

    @Test func monthsAreThoseOfTheClinicsZone() async throws {
        var settings = Settings()
        settings.timezone = try #require(ClinicTimeZone(identifier: "Asia/Tehran"))
        let job = try JobDefinition(Definition(text: Self.computing, file: "j.yaml"), name: "j")
        // At 20:45 UTC it is the next day in Tehran.
        for (clock, expected) in [("2026-10-06T20:15:00Z", nil), ("2026-10-06T20:45:00Z", day("2026-09-30"))] {
            let database = try openDatabase(at: folder.path("\(clock).db"), create: true)
            try clinic(late: 0).write(to: database)
            _ = try await JobRunner(database: database, settings: settings, softwareVersion: "1") { instant(clock) }
                .run(job, asOf: day("2026-10-07"), trigger: .schedule)
            let earlier = day("2026-08-31")
            #expect(try database.readPublished { try $0.releasedMonth() } == expected ?? earlier)
        }
    }
}
