import Domain
import Store
import TestSupport
import Testing

@testable import Relay

@Suite(.timeLimit(.minutes(5))) struct BroadcastQueueTests {
    private let test: TestRelay

    init() async throws {
        test = try await TestRelay()
    }

    @Test("commits a broadcast as it was sent, and followers get it once it is committed")
    func broadcast() async throws {
        let client = try await test.follower()
        let data = #"{"z":1.50,"a":12345678901234567890,"é":[ {} ]}"#
        let sequence = try await test.relay.broadcast(
            Broadcast(
                diagnosis: InMemoryOutbox.first, kind: .ranking, data: data,
                requester: Requester(subject: "s", role: .service, patient: nil), request: "r"))
        #expect(
            test.outbox.current.deltas == [
                Delta(
                    sequence: 1, diagnosis: InMemoryOutbox.first, at: test.clock.now,
                    change: .broadcast(.ranking, json: data))
            ])
        #expect(sequence == 1)
        let text = try await client.frame().text
        #expect(
            text
                == #"{"type":"recommendation_update","diagnosis_id":1,"seq":1,"epoch":"0000000000000000","#
                + #""at":"2026-10-20T09:00:00Z","data":\#(data)}"#)
    }

    @Test("gives many broadcasts at once a number each, and followers get them in that order")
    func manyAtOnce() async throws {
        let client = try await test.follower()
        let sequences = try await withThrowingTaskGroup(of: (number: Int, sequence: Int64?).self) { group in
            for number in 1...100 { group.addTask { (number, try await test.broadcast(number)) } }
            return try await group.reduce(into: [Int64: Int]()) { known, sent in
                known[try #require(sent.sequence)] = sent.number
            }
        }
        #expect(sequences.keys.sorted() == (1...100).map { $0 })
        let expected = sequences.sorted { $0.key < $1.key }.map { Int64($0.value) }
        #expect(try await client.numbers(100) == expected)
    }

    @Test("has no number for a diagnosis that does not exist, and commits the others")
    func unknownDiagnosis() async throws {
        let client = try await test.follower()
        let sequences = try await withThrowingTaskGroup(of: Int64?.self) { group in
            for number in 1...20 {
                group.addTask {
                    try await test.broadcast(
                        number, to: number.isMultiple(of: 2) ? DiagnosisID(rawValue: 99) : InMemoryOutbox.first)
                }
            }
            return try await group.reduce(into: [Int64?]()) { $0.append($1) }
        }
        #expect(sequences.count { $0 == nil } == 10)
        #expect(try await client.numbers(10).sorted() == (1...10).map { 2 * $0 - 1 })
    }

    @Test("fails where the database cannot be written, tells nobody, and reports why")
    func failure() async throws {
        let client = try await test.follower()
        test.outbox.fail(true)
        await #expect(throws: StoreError.self) { try await test.broadcast(1) }
        #expect(test.errors.all.count == 1 && test.errors.all[0].contains("disk I/O error"))
        test.outbox.fail(false)
        try await test.broadcast(2)
        #expect(try await client.numbers(1) == [2])
    }

    @Test("drops a broadcast whose sender has left, and does not call that an error")
    func cancellation() async throws {
        let sender = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await test.broadcast(1)
        }
        await #expect(throws: CancellationError.self) { try await sender.value }
        #expect(test.outbox.current.deltas.isEmpty && test.errors.all.isEmpty)
    }
}
