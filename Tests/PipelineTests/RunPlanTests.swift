import Configuration
import Domain
import Foundation
import Store
import StoreSQLite
import Testing
import TestSupport

@testable import Pipeline

@Suite(.timeLimit(.minutes(30))) struct RunPlanTests {
    private let folder: TemporaryFolder
    private let database: any ClinicStore
    private let now = instant("2026-10-20T10:20:00Z")

    init() throws {
        folder = try TemporaryFolder()
        database = try openDatabase(at: folder.path("clinic.db"), create: true)
    }

    private func plan(_ yaml: String, _ request: RunRequest, at now: Instant? = nil) throws -> RunPlan {
        try JobDefinition(Definition(text: "stages: [scores]\n" + yaml, file: "j.yaml"), name: "j")
            .plan(for: request, in: database, settings: Settings(), now: now ?? self.now)
    }

    @Test func theUsualDayIsYesterdayOrToday() throws {
        #expect(try plan("", .days(from: nil, to: nil)).days == [day("2026-10-19")])
        #expect(try plan("as_of: today", .days(from: nil, to: nil)).days == [day("2026-10-20")])
        #expect(
            try plan("as_of: today\nschedule: '5 8-20 * * *'", .due, at: instant("2026-10-20T10:05:09Z")).days == [
                day("2026-10-20")
            ])
    }

    @Test func daysThatCannotBeAreRefused() {
        #expect(throws: RunError.future(asOf: day("2026-10-21"))) {
            try plan("", .days(from: day("2026-10-20"), to: day("2026-10-21")))
        }
        #expect(throws: RunError.emptySpan(from: day("2026-10-20"), to: day("2026-10-19"))) {
            try plan("", .days(from: day("2026-10-20"), to: day("2026-10-19")))
        }
    }

    /// Repeated, it belongs to the same time of the schedule, so that nothing is delivered twice.
    @Test func aRunBelongsToATimeOfItsSchedule() throws {
        func period(_ yaml: String, at time: String) throws -> String {
            let plan = try plan(yaml, .days(from: nil, to: nil), at: instant("2026-10-20T\(time)Z"))
            return plan.period(of: plan.days[0])
        }
        #expect(try period("", at: "10:20:00") == "2026-10-19")
        #expect(try period("schedule: '15 2 * * *'", at: "02:15:03") == "2026-10-19")
        #expect(try period("schedule: '15 2 * * *'", at: "23:15:03") == "2026-10-19")
        let hourly = "as_of: today\nschedule: '5 8-20 * * *'"
        #expect(try period(hourly, at: "10:05:00") == "2026-10-20 10:05")
        #expect(try period(hourly, at: "11:04:59") == "2026-10-20 10:05")
        #expect(try period(hourly, at: "11:05:00") == "2026-10-20 11:05")
        let days = try plan(hourly, .days(from: day("2026-10-18"), to: day("2026-10-20")))
        #expect(days.days.map(days.period) == ["2026-10-18", "2026-10-19", "2026-10-20 10:05"])
    }

    @Test func everyFifthFeedbackOnARecommendationCallsForARun() async throws {
        var clinic = TestClinic()
        let patient = clinic.patient()
        let first = clinic.recommendation("mint", for: "cough", to: patient, on: day("2026-10-01"))
        let second = clinic.recommendation("saffron", for: "grief", to: patient, on: day("2026-10-01"))
        let job = try JobDefinition(
            Definition(text: "stages: [effectiveness]\nas_of: today", file: "j.yaml"), name: "feedback")
        let runner = JobRunner(database: database, settings: Settings(), softwareVersion: "1") { [now] in now }
        func runs() async throws -> Int {
            try clinic.write(to: database)
            try await runner.run(job, as: .feedback)
            return try database.runs(limit: 100).count
        }
        for _ in 1...4 {
            clinic.rate(first, 5, on: day("2026-10-20"))
            clinic.rate(second, 4, on: day("2026-10-20"))
        }
        #expect(try await runs() == 0)
        clinic.rate(first, 5, on: day("2026-10-20"))
        #expect(try await runs() == 1)
        #expect(try database.runs(limit: 1).first?.start.trigger == .feedback)
        #expect(try database.readPublished { try $0.tallies(at: .overall)[.all]?.all.samples } == 9)
        #expect(try await runs() == 1)
        // Edited and withdrawn ones count as new ones do; what lies in the future does not yet.
        clinic.feedback[0].rating = .defaultSuccess
        clinic.feedback[2].deletedAt = now
        for _ in 1...2 { clinic.rate(first, 2, on: day("2026-10-20")) }
        for _ in 1...9 { clinic.rate(second, 2, on: day("2026-10-21")) }
        #expect(try await runs() == 1)
        #expect(
            try database.pendingFeedback(upTo: day("2026-10-20"), in: .utc)
                == PendingFeedback(feedback: 4, recommendations: 1, mostOnOne: 4))
        clinic.rate(first, 2, on: day("2026-10-20"))
        #expect(try await runs() == 2)
        #expect(try database.pendingFeedback(upTo: day("2026-10-20"), in: .utc).feedback == 0)
        #expect(try database.pendingFeedback(upTo: day("2026-10-21"), in: .utc).mostOnOne == 9)
    }

    @Test func aRunOfAnEarlierDayLeavesTheFeedbackOfLaterDaysPending() async throws {
        var clinic = TestClinic()
        let recommendation = clinic.recommendation("mint", for: "cough", to: clinic.patient(), on: day("2026-10-01"))
        for _ in 1...5 { clinic.rate(recommendation, 5, on: day("2026-10-20")) }
        try clinic.write(to: database)
        let job = try JobDefinition(Definition(text: "stages: [effectiveness]", file: "j.yaml"), name: "nightly")
        try await JobRunner(database: database, settings: Settings(), softwareVersion: "1") { [now] in now }
            .run(job, as: .days(from: nil, to: nil))
        #expect(try plan("as_of: today", .feedback).days == [day("2026-10-20")])
    }
}
