import Domain
import Foundation
import Testing
import TestSupport

@Suite(.timeLimit(.minutes(30))) struct ClinicTimeZoneTests {
    @Test(
        arguments: [
            ("Asia/Tehran", "2026-10-20T20:29:59Z", "2026-10-20"),
            ("Asia/Tehran", "2026-10-20T20:30:00Z", "2026-10-21"),
            ("Asia/Tehran", "2021-07-01T19:29:59Z", "2021-07-01"),
            ("Asia/Tehran", "2021-07-01T19:30:00Z", "2021-07-02"),
            ("America/New_York", "2026-03-08T04:59:59Z", "2026-03-07"), ("UTC", "2026-10-20T23:59:59Z", "2026-10-20"),
            ("UTC", "1969-12-31T23:59:59.5Z", "1969-12-31"), ("Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31"),
        ])
    func dayOfAnInstantAtTheEdge(zone: String, at: String, expected: String) throws {
        let zone = try #require(ClinicTimeZone(identifier: zone))
        #expect(zone.day(of: instant(at)).description == expected)
    }

    @Test(arguments: ["Tehran", "EST", "GMT+3", "Asia/Teheran", "", "+03:30"])
    func refusesNamesThatAreNotIANA(name: String) {
        #expect(ClinicTimeZone(identifier: name) == nil)
    }

    @Test(arguments: ["Asia/Tehran", "America/St_Johns", "Europe/Berlin", "Africa/Casablanca", "Pacific/Apia", "UTC"])
    func finderAgreesWithTheZoneEverywhere(name: String) throws {
        let zone = try #require(ClinicTimeZone(identifier: name))
        var finder = DayFinder(zone: zone)
        var random = TestRandom(7)
        for _ in 0..<20_000 {
            let seconds = Int64.random(in: 600_000_000...1_900_000_000, using: &random)
            // The day before is remembered, and its edges lie near.
            for seconds in [seconds, seconds + Int64.random(in: -90_000...90_000, using: &random)] {
                #expect(finder.day(of: Instant(seconds: seconds)) == zone.day(of: Instant(seconds: seconds)))
            }
        }
    }

    @Test(arguments: [
        ("Asia/Tehran", "2026-10-20T22:45:07+03:30"), ("America/St_Johns", "2026-01-01T00:00:00-03:30"),
        ("UTC", "2026-10-20T09:00:00+00:00"), ("Europe/Berlin", "2026-07-01T12:00:00+02:00"),
    ])
    func clocksShowTheTimeOfTheZone(name: String, shown: String) throws {
        let zone = try #require(ClinicTimeZone(identifier: name))
        #expect(zone.clock(at: instant(shown)) == shown)
    }

    @Test func noonOfADayIsOnThatDay() throws {
        let zone = try #require(ClinicTimeZone(identifier: "Asia/Tehran"))
        #expect(zone.instant(on: day("2026-10-20"), hour: 12) == instant("2026-10-20T12:00:00+03:30"))
        #expect(zone.instant(on: day("2021-07-01"), hour: 12) == instant("2021-07-01T12:00:00+04:30"))
    }
}
