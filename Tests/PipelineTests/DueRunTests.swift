import Configuration
import Domain
import Foundation
import Testing
import TestSupport

@testable import Pipeline

/// Cron looks, and the job runs when it is due: once for each time of its schedule.
@Suite(.timeLimit(.minutes(30))) struct DueRunTests {
    private func schedule(_ text: String) throws -> CronSchedule { try #require(CronSchedule(text)) }
    private func zone(_ name: String) throws -> ClinicTimeZone { try #require(ClinicTimeZone(identifier: name)) }

    private func line(_ text: String, clinic: ClinicTimeZone, server: String) throws -> CronSchedule {
        let job = try JobDefinition(
            Definition(text: "stages: [scores]\nschedule: \"\(text)\"", file: "j.yaml"), name: "j")
        let server = try #require(TimeZone(identifier: server))
        let crontab = Crontab(jobs: [job], zone: clinic, serverZone: server, binary: "/b", folder: "/f")
        let fields = crontab.text(asOf: day("2026-01-01")).split(separator: "\n").last?.split(separator: " ").prefix(5)
        return try schedule(try #require(fields).joined(separator: " "))
    }

    /// In the months in which clocks change.
    @Test(
        arguments: ["30 2 * * *", "15 0 * * *", "0 6 * * sat", "5 8-20 * * *", "30 6 1 * *"],
        [("2026-03-01", "2026-04-20"), ("2026-10-01", "2026-11-20")])
    func cronRunsEachTimeOnce(text: String, span: (from: String, to: String)) throws {
        for (clinicName, serverName) in [
            ("Asia/Tehran", "UTC"), ("Europe/Berlin", "UTC"), ("UTC", "Europe/Berlin"),
            ("Australia/Lord_Howe", "America/New_York"), ("Europe/Berlin", "Europe/Berlin"),
        ] {
            let (clinic, server) = (try zone(clinicName), try zone(serverName))
            let (schedule, line) = (try schedule(text), try line(text, clinic: clinic, server: serverName))
            let (start, end) = (instant(span.from + "T00:00:00Z"), instant(span.to + "T00:00:00Z"))

            var due: [Instant] = []
            var moment = start
            while let next = schedule.next(after: moment, in: clinic), next < end {
                due.append(next)
                moment = next
            }
            var runs: [DueRun] = []
            var last: Instant?
            var tick = start
            while let next = line.next(after: tick, in: server), next < end {
                tick = next
                guard let run = DueRun(of: schedule, after: last ?? start, now: tick, in: clinic) else { continue }
                #expect(tick.seconds - run.moment.seconds < 3600, "\(text) \(clinicName) \(serverName)")
                runs.append(run)
                last = tick
            }
            // What is due in the last hour cron sees in the next.
            #expect(runs.map(\.moment) == Array(due.prefix(runs.count)), "\(text) \(clinicName) \(serverName)")
            #expect(due.count - runs.count <= 1)
            #expect(runs.allSatisfy { $0.asOf == clinic.day(of: $0.moment) - 1 })
        }
    }

    @Test func afterALongPauseTheLatestTimeCounts() throws {
        let run = DueRun(
            of: try schedule("15 2 * * *"), after: instant("2026-01-01T02:15:03Z"),
            now: instant("2026-01-20T09:00:00Z"),
            in: .utc)
        #expect(run?.moment == instant("2026-01-20T02:15:00Z"))
        #expect(run?.asOf == day("2026-01-19"))
    }

    @Test func missedDaysAreCaughtUpInOrder() throws {
        let due = try #require(
            DueRun(
                of: try schedule("15 2 * * *"), after: instant("2026-01-01T02:15:03Z"),
                now: instant("2026-01-20T09:00:00Z"), in: .utc))
        func days(after done: String?, _ catchUp: Int) -> [String] {
            due.days(after: done.map { day($0) }, catchUp: catchUp).map(\.description)
        }
        #expect(days(after: "2026-01-16", 7) == ["2026-01-17", "2026-01-18", "2026-01-19"])
        #expect(days(after: "2026-01-01", 2) == ["2026-01-17", "2026-01-18", "2026-01-19"])
        #expect(days(after: "2026-01-01", 0) == ["2026-01-19"])
        #expect(days(after: nil, 7) == ["2026-01-19"])
        #expect(days(after: "2026-01-19", 7) == ["2026-01-19"])  // done by hand, and due all the same
        #expect(days(after: "2026-02-19", 7) == ["2026-01-19"])
    }

    @Test func aJobThatNeverRanWaitsForItsFirstTime() throws {
        let nightly = try schedule("15 2 * * *")
        #expect(DueRun(of: nightly, after: nil, now: instant("2026-01-20T09:00:00Z"), in: .utc) == nil)
        #expect(DueRun(of: nightly, after: nil, now: instant("2026-01-20T02:15:00Z"), in: .utc) != nil)
        #expect(DueRun(of: nightly, after: nil, now: instant("2026-01-20T02:14:59Z"), in: .utc) == nil)
    }

    @Test func aClockThatJumpsBackRunsNothingTwice() throws {
        let nightly = try schedule("15 2 * * *")
        let ran = instant("2026-01-20T02:15:02Z")
        #expect(DueRun(of: nightly, after: ran, now: instant("2026-01-20T01:00:00Z"), in: .utc) == nil)
        #expect(DueRun(of: nightly, after: ran, now: instant("2026-01-20T02:15:00Z"), in: .utc) == nil)
    }

    @Test func namesAreQuotedForTheShellAndForCron() throws {
        let job = try JobDefinition(
            Definition(text: "stages: [scores]\nschedule: \"@daily\"", file: "j.yaml"), name: "100% it's")
        let crontab = Crontab(jobs: [job], zone: .utc, serverZone: .gmt, binary: "/b", folder: "/my clinic")
        #expect(
            crontab.text(asOf: day("2026-01-01")).hasSuffix(
                """
                # 100% it's
                @daily cd '/my clinic' && /b run '100\\% it'\\''s' --if-due --wait 600 >> '100\\% it'\\''s.log'

                """))
    }
}
