import Store
import Testing

@testable import Domain
@testable import Relay

@Suite(.timeLimit(.minutes(5))) struct MessageCountsTests {
    private func latency(_ counts: MessageCounts, _ suffix: String) -> Double? {
        counts.latency.samples.first { $0.suffix == suffix }?.value
    }

    @Test("calls messages by their type, sorted, without types of which there was none")
    func types() {
        var counts = MessageCounts()
        #expect(counts.byType.isEmpty)
        for kind in MessageCounts.Kind.allCases { counts.add(kind) }
        counts.add(.pong)
        #expect(
            counts.byType.map { "\($0.type) \($0.count)" } == [
                "connect 1", "effectiveness_update 1", "feedback_update 1", "pong 2", "recommendation_update 1",
                "resync 1",
            ])
    }

    @Test(
        "counts a change by its kind",
        arguments: zip(Delta.Kind.allCases, [MessageCounts.Kind.effectiveness, .ranking, .feedback]))
    func kinds(kind: Delta.Kind, counted: MessageCounts.Kind) {
        #expect(MessageCounts.Kind(kind) == counted)
    }

    @Test("measures the delay of new changes alone")
    func delays() {
        var counts = MessageCounts()
        counts.add(.feedback, seconds: 2)
        counts.add(.feedback)
        counts.add(.connect)
        #expect(latency(counts, "_count") == 1 && latency(counts, "_sum") == 2)
    }

    @Test("adds the counts and delays of other connections")
    func sums() {
        var (first, second) = (MessageCounts(), MessageCounts())
        first.add(.feedback, seconds: 1)
        second.add(.feedback, seconds: 3)
        second.add(.resync)
        first.add(second)
        #expect(first.byType.map { "\($0.type) \($0.count)" } == ["feedback_update 2", "resync 1"])
        #expect(latency(first, "_count") == 2 && latency(first, "_sum") == 4)
        #expect(second.byType.map(\.count) == [1, 1])
    }
}
