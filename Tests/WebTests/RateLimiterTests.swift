import Testing

@testable import Web

@Suite(.timeLimit(.minutes(5))) struct RateLimiterTests {
    private let start = ContinuousClock.now

    @Test("lets a minute's worth pass at once, and then one at a time")
    func bucket() {
        let limiter = RateLimiter(perMinute: 6)
        for _ in 1...6 { #expect(limiter.delay(for: "a", at: start) == nil) }
        #expect(limiter.delay(for: "a", at: start) == 10)
        #expect(limiter.delay(for: "a", at: start + .seconds(9.5)) == 1)
        #expect(limiter.delay(for: "a", at: start + .seconds(10)) == nil)
        #expect(limiter.delay(for: "a", at: start + .seconds(10)) == 10)
    }

    @Test("holds no more than a minute's worth, however long nobody asks")
    func fullBucket() {
        let limiter = RateLimiter(perMinute: 2)
        _ = limiter.delay(for: "a", at: start)
        for _ in 1...2 { #expect(limiter.delay(for: "a", at: start + .seconds(86_400)) == nil) }
        #expect(limiter.delay(for: "a", at: start + .seconds(86_400)) == 30)
    }

    @Test("counts each client by itself")
    func clients() {
        let limiter = RateLimiter(perMinute: 1)
        #expect(limiter.delay(for: "a", at: start) == nil && limiter.delay(for: "b", at: start) == nil)
        #expect(limiter.delay(for: "a", at: start) != nil)
    }

    @Test("counts cheap requests for a part of one")
    func costs() {
        let limiter = RateLimiter(perMinute: 2)
        for _ in 1...20 { #expect(limiter.delay(for: "a", cost: 0.1, at: start) == nil) }
        // Tenths add up to a little less or more.
        #expect((3...4).contains(limiter.delay(for: "a", cost: 0.1, at: start) ?? 0))
        #expect((30...31).contains(limiter.delay(for: "a", at: start) ?? 0))
    }

    @Test("0 is no limit")
    func unlimited() {
        let limiter = RateLimiter(perMinute: 0)
        for _ in 1...1000 { #expect(limiter.delay(for: "a", at: start) == nil) }
    }
}
