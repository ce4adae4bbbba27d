import Store
import Testing

@testable import Pipeline

@Suite(.timeLimit(.minutes(30))) struct MemoryNeedTests {
    private func need(feedback: Int) -> MemoryNeed {
        MemoryNeed(
            of: RecordCounts(
                patients: feedback / 10, diagnoses: feedback / 5, recommendations: feedback / 2, feedback: feedback))
    }

    @Test func growsWithTheRecords() {
        let (none, some, more) = (need(feedback: 0).bytes, need(feedback: 1000).bytes, need(feedback: 2000).bytes)
        #expect(none > 0 && more - some == some - none && some > none)
    }

    @Test func moreThanTheMachineHasIsNotMet() {
        #expect(need(feedback: 1000).isMet)
        #expect(!need(feedback: 1 << 44).isMet)
    }
}
