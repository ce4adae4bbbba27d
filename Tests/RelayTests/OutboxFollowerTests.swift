import Domain
import NIOCore
import Store
import Synchronization
import TestSupport
import Testing

@testable import Relay

@Suite(.timeLimit(.minutes(5))) struct OutboxFollowerTests {
    private let test: TestRelay
    private let follower: OutboxFollower
    private let client: TestClient
    private var outbox: InMemoryOutbox { test.outbox }

    init() async throws {
        let test = try await TestRelay()
        test.outbox.commit(.numbered(-1), of: InMemoryOutbox.first)
        let errors = test.errors
        follower = try OutboxFollower(
            test.outbox, epoch: .zero, hubs: test.relay.hubs, admissions: test.relay.admissions,
            errors: ThrottledErrorReporter { errors.add($0) })
        self.test = test
        client = try await test.follower()
    }

    private func readOn() async {
        await withCheckedContinuation { continuation in
            follower.queue.async { [follower] in
                follower.readOn()
                continuation.resume()
            }
        }
    }

    @discardableResult
    private func commit(_ numbers: ClosedRange<Int>, of diagnosis: DiagnosisID = InMemoryOutbox.first) -> [Delta] {
        for number in numbers { outbox.commit(.numbered(number), of: diagnosis) }
        return outbox.current.deltas.suffix(numbers.count)
    }

    private func expectNothingMore() async throws { #expect(try await client.frames().isEmpty) }

    // MARK: What others commit

    @Test("hands on what was committed since it began, in order and once, page by page")
    func pages() async throws {
        commit(1...4500)
        await readOn()
        #expect(try await client.numbers(4500) == (1...4500).map { $0 })
        #expect(outbox.current.pagesRead == [1, 2001, 4001])
        await readOn()
        try await expectNothingMore()
        commit(4501...4501)
        await readOn()
        #expect(try await client.numbers(1) == [4501])
        #expect(follower.position == 4502)
    }

    @Test("passes over diagnoses that nobody follows, and does not come back to them")
    func unfollowedDiagnoses() async throws {
        commit(1...3, of: InMemoryOutbox.second)
        commit(4...4)
        await readOn()
        #expect(try await client.numbers(1) == [4])
        #expect(follower.position == 5)
        let late = try await test.follower(InMemoryOutbox.second)
        await readOn()
        #expect(try await late.frames().isEmpty)
    }

    @Test("says that the database cannot be read, and loses nothing of what was committed meanwhile")
    func unreadableDatabase() async throws {
        #expect(follower.isHealthy)
        outbox.fail(true)
        commit(1...1)
        await readOn()
        #expect(!follower.isHealthy)
        #expect(test.errors.all.count == 1 && test.errors.all[0].contains("disk I/O error"))
        outbox.fail(false)
        commit(2...2)
        await readOn()
        #expect(follower.isHealthy)
        #expect(try await client.numbers(2) == [1, 2])
    }

    @Test("hears of signals until it stops")
    func signals() async throws {
        let heard = Atomic(0)
        try follower.start { heard.add(1, ordering: .relaxed) }
        outbox.bell.raise()
        try await waitUntil("the signal is heard") { heard.load(ordering: .relaxed) == 1 }
        follower.stop()
        #expect(!outbox.bell.isWatched)
    }

    // MARK: What this process commits

    @Test("hands on what comes next without reading it again, and only to those who follow")
    func nextDeltas() async throws {
        let other = try await test.follower(InMemoryOutbox.second)
        follower.handOnCommitted(commit(1...2) + commit(3...3, of: InMemoryOutbox.second))
        #expect(try await client.numbers(2) == [1, 2])
        #expect(try await other.numbers(1) == [3])
        #expect(outbox.current.pagesRead.isEmpty)
        #expect(follower.position == 4)
        await readOn()
        try await expectNothingMore()
    }

    @Test("reads on where others committed in between, so that all come in order")
    func deltasOfOthersBetween() async throws {
        commit(1...1)
        follower.handOnCommitted(commit(2...2))
        #expect(try await client.numbers(2) == [1, 2])
        #expect(outbox.current.pagesRead == [1])
        try await expectNothingMore()
    }

    @Test("does not repeat what a page holds that was handed on while it was read")
    func alreadyHandedOn() async throws {
        let (first, second) = (commit(1...1), commit(2...2))
        follower.handOnCommitted(first)
        follower.handOnCommitted(second)
        // An older reader of the same page comes late.
        follower.handOnCommitted(first)
        await readOn()
        #expect(try await client.numbers(2) == [1, 2])
        try await expectNothingMore()
    }

    @Test("does nothing where nothing was committed")
    func nothing() async throws {
        follower.handOnCommitted([])
        await readOn()
        try await expectNothingMore()
        #expect(outbox.bell.raised == 0)
    }

    @Test("signals other processes once for what comes at about the same time")
    func signalOfOthers() async throws {
        for number in 1...10 { follower.handOnCommitted(commit(number...number)) }
        #expect(outbox.bell.raised == 0)
        try await waitUntil("the signal is raised") { outbox.bell.raised > 0 }
        try await Task.sleep(for: .milliseconds(60))
        #expect(outbox.bell.raised == 1)
        follower.handOnCommitted(commit(11...11))
        try await waitUntil("the signal is raised again") { outbox.bell.raised == 2 }
    }

    @Test("raises no signal where no other process watches")
    func noOtherWatchers() async throws {
        outbox.bell.hasOtherWatchers = false
        try follower.start {}
        follower.handOnCommitted(commit(1...1))
        #expect(try await client.numbers(1) == [1])
        try await Task.sleep(for: .milliseconds(60))
        #expect(outbox.bell.raised == 0)
    }
}
