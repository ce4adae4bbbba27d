import Domain
import Testing

@testable import Relay

@Suite(.timeLimit(.minutes(30))) struct KeepAliveTests {
    @Test("pings at intervals, and finds a client silent that answers none of two")
    func pings() {
        var keepAlive = KeepAlive(at: Instant(seconds: 100))
        var findings: [Int64: KeepAlive.Finding] = [:]
        for second in 101...220 as ClosedRange<Int64> {
            let finding = keepAlive.check(at: Instant(seconds: second))
            if finding != .alive { findings[second] = finding }
        }
        #expect(findings == [130: .pingDue, 160: .pingDue, 190: .silent, 220: .silent])
    }

    @Test("goes on with a client that answers now and then")
    func answers() {
        var keepAlive = KeepAlive(at: Instant(seconds: 0))
        for ping in 1...10 as ClosedRange<Int64> {
            let finding = keepAlive.check(at: Instant(seconds: ping * Connection.Limit.pingInterval))
            #expect(finding == .pingDue)
            if ping.isMultiple(of: 2) { keepAlive.notePong() }
        }
    }

    @Test("admits as many frames in each second as the limit says")
    func rate() {
        var keepAlive = KeepAlive(at: Instant(seconds: 0))
        for _ in 1...3 {
            let admitted = (0...Connection.Limit.inboundRate).map { _ in keepAlive.admitsFrame() }
            #expect(admitted.count { $0 } == Connection.Limit.inboundRate)
            #expect(admitted.last == false)
            keepAlive.beginSecond()
        }
    }
}
