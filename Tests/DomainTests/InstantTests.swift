import Domain
import Testing
import TestSupport

@Suite(.timeLimit(.minutes(30))) struct InstantTests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-10-20T00:00:00+03:30", 1_792_441_800_000_000),
            ("2026-10-20t00:00:00.25z", 1_792_454_400_250_000), ("1969-12-31T23:59:59.999999Z", -1),
            ("2026-10-19T20:30:00.1234567Z", 1_792_441_800_123_456), ("2016-12-31T23:59:60Z", 1_483_228_800_000_000),
            ("2026-10-19T15:30:00-05:00", 1_792_441_800_000_000),
        ])
    func readsRFC3339(text: String, microseconds: Int64) {
        #expect(Instant(rfc3339: text)?.microseconds == microseconds)
    }

    @Test(
        arguments: [
            "2026-10-20", "2026-10-20T00:00:00", "2026-10-20 00:00:00Z", "2026-10-20T24:00:00Z",
            "2026-10-20T00:60:00Z", "2026-10-20T00:00:61Z", "2026-02-30T00:00:00Z", "2026-10-20T00:00:00.Z",
            "2026-10-20T00:00:00+3:30", "2026-10-20T00:00:00+24:00", "2026-10-20T00:00:00Zx", "x", "",
        ])
    func refusesWhatIsNoInstant(text: String) {
        #expect(Instant(rfc3339: text) == nil)
    }

    @Test func writesWhatItReads() {
        for text in ["2026-10-20T21:30:00Z", "1969-12-31T23:59:59.999999Z", "2026-10-20T21:30:00.500000Z"] {
            #expect(instant(text).description == text)
        }
    }
}
