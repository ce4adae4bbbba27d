import Domain
import Foundation
import Testing
import TestSupport

@testable import Pipeline

@Suite(.timeLimit(.minutes(30))) struct CronScheduleTests {
    @Test func readsRangesStepsListsAndNames() throws {
        let schedule = try #require(CronSchedule("*/15 8-18/5,23 1,15 jan-mar MON,7"))
        #expect(schedule.minutes == [0, 15, 30, 45])
        #expect(schedule.hours == [8, 13, 18, 23])
        #expect(schedule.daysOfMonth == [1, 15])
        #expect(schedule.months == [1, 2, 3])
        #expect(schedule.daysOfWeek == [0, 1])
        #expect(CronSchedule("@daily")?.hours == [0])
        #expect(CronSchedule("5/20 * * * *")?.minutes == [5, 25, 45])
    }

    @Test(
        arguments: [
            "", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8",
            "5-1 * * * *",
            "*/0 * * * *", "a * * * *", "1,,2 * * * *", "1-2-3 * * * *", "@often", "-1 * * * *",
        ])
    func refusesWhatIsNoSchedule(text: String) {
        #expect(CronSchedule(text) == nil)
    }

    private struct Mismatch: Error {}

    /// What an independent implementation says; `make.py` beside the file made it.
    @Test func agreesWithCroniter() throws {
        let text = try String(contentsOf: Repository.golden.appending(path: "cron/next.csv"), encoding: .utf8)
        var wrong: [Substring] = []
        var count = 0
        for line in text.split(separator: "\n").dropFirst() {
            // Lists have commas, and then quotes around the schedule.
            let fields = line.split(separator: ",")
            let schedule = fields.dropLast(3).joined(separator: ",").replacing("\"", with: "")
            guard let cron = CronSchedule(schedule),
                let zone = ClinicTimeZone(identifier: String(fields[fields.count - 3])),
                let after = Int64(fields[fields.count - 2]), let next = Int64(fields[fields.count - 1])
            else { throw Mismatch() }
            count += 1
            if cron.next(after: Instant(seconds: after), in: zone) != Instant(seconds: next) { wrong.append(line) }
        }
        #expect(count == 10_000)
        #expect(wrong.isEmpty, "\(wrong.count) differ: \(wrong.prefix(5))")
    }

    private func next(_ schedule: String, after: String, in zone: String, count: Int = 3) throws -> [String] {
        let cron = try #require(CronSchedule(schedule))
        let zone = try #require(ClinicTimeZone(identifier: zone))
        var at = instant(after)
        return try (0..<count).map { _ in
            at = try #require(cron.next(after: at, in: zone))
            return at.description
        }
    }

    @Test func clocksThatChangeNeitherSkipNorDouble() throws {
        // Berlin jumps from 2:00 to 3:00 at 1:00 UTC on 29 March, and back from 3:00 to 2:00 on 25 October 2026.
        #expect(
            try next("30 2 * * *", after: "2026-03-28T12:00:00Z", in: "Europe/Berlin")
                == ["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z", "2026-03-31T00:30:00Z"])
        #expect(
            try next("30 2 * * *", after: "2026-10-24T12:00:00Z", in: "Europe/Berlin")
                == ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z", "2026-10-27T01:30:00Z"])
        // Every hour is every hour that there is.
        #expect(
            try next("30 * * * *", after: "2026-10-24T23:45:00Z", in: "Europe/Berlin")
                == ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z"])
        #expect(
            try next("30 * * * *", after: "2026-03-28T23:45:00Z", in: "Europe/Berlin")
                == ["2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z", "2026-03-29T02:30:00Z"])
    }

    @Test(arguments: ["Europe/Berlin", "Asia/Tehran", "Australia/Lord_Howe", "America/Sao_Paulo"])
    func aDailyScheduleIsDueOnceOnEachDay(zone name: String) throws {
        let zone = try #require(ClinicTimeZone(identifier: name))
        for schedule in ["0 0 * * *", "30 2 * * *", "15 1 * * *", "59 23 * * *"] {
            let cron = try #require(CronSchedule(schedule))
            var at = zone.instant(on: day("2015-01-01"), hour: 12)
            for offset in 1...1200 {
                at = try #require(cron.next(after: at, in: zone))
                #expect(zone.day(of: at) == day("2015-01-01") + (schedule.hasPrefix("59") ? offset - 1 : offset))
            }
        }
    }

    @Test(
        "knows whether a schedule can ever be due",
        arguments: [
            ("0 0 30 2 *", false), ("0 0 31 2 *", false), ("0 0 30,31 2 *", false), ("0 0 31 4,6,9,11 *", false),
            ("0 0 31 4-4 *", false), ("0 0 31 feb,apr *", false), ("* * 30-31 2 *", false), ("0 0 30 2 mon,*", false),
            ("۰ ۰ ۳۰ ۲ *", false), ("0 0 29 2 *", true), ("0 0 31 4,5 *", true), ("0 0 28-31 2 *", true),
            ("0 0 30 2 mon", true), ("0 0 31 * *", true), ("0 0 * 2 *", true), ("@yearly", true),
        ])
    func canBeDue(text: String, expected: Bool) throws {
        let schedule = try #require(CronSchedule(text))
        #expect(schedule.canBeDue == expected)
        #expect((schedule.next(after: instant("2026-03-01T00:00:00Z"), in: .utc) != nil) == expected)
    }

    @Test func rareAndImpossibleDays() throws {
        #expect(try next("0 0 29 2 *", after: "2096-03-01T00:00:00Z", in: "UTC", count: 1) == ["2104-02-29T00:00:00Z"])
        #expect(CronSchedule("0 0 30 2 *")?.next(after: instant("2026-01-01T00:00:00Z"), in: .utc) == nil)
        // Both days given: either will do.
        #expect(
            try next("0 0 1 * mon", after: "2026-01-26T00:00:00Z", in: "UTC")
                == ["2026-02-01T00:00:00Z", "2026-02-02T00:00:00Z", "2026-02-09T00:00:00Z"])
        // A list with all days gives none.
        for schedule in ["0 0 1 * mon,*", "0 0 1 * */1,mon", "0 0 1 * *"] {
            #expect(
                try next(schedule, after: "2026-01-26T00:00:00Z", in: "UTC")
                    == ["2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z"])
        }
    }
}
