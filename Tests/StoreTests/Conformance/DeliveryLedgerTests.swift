import Domain
import Store
import TestSupport
import Testing

/// Each delivery has one row in the ledger, with its latest state.
@Suite(.timeLimit(.minutes(30))) struct DeliveryLedgerTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func key(_ report: String, to recipient: String = "a@example.org") -> DeliveryKey {
        DeliveryKey(
            job: "nightly", period: "2026-10-01", report: report, language: .persian, channel: .mail,
            recipient: recipient)
    }

    private func state(_ status: DeliveryStatus, run: Int64, attempts: Int = 1) -> DeliveryState {
        DeliveryState(
            status: status, reason: status == .failed ? "refused" : nil, run: RunID(rawValue: run),
            asOf: day("2026-10-01"), messageID: "1@example.org", subject: "گزارش", text: "a\nb",
            files: ["x.pdf", "y.csv"], attempts: attempts, notedAt: Instant(microseconds: 1_000_001))
    }

    @Test("a delivery is read as it was noted last, under the number that it had", arguments: StorageEngine.all)
    func states(engine: StorageEngine) throws {
        let database = try engine.open(in: folder)
        #expect(try database.delivery(key("r")) == nil && database.delivery(DeliveryID(rawValue: 1)) == nil)
        try database.noteDelivery(key("r"), state(.unknown, run: 1))
        let first = try #require(try database.delivery(key("r")))
        #expect(first.key == key("r") && first.state == state(.unknown, run: 1))
        try database.noteDelivery(key("r"), state(.failed, run: 2, attempts: 2))
        let again = DeliveryRecord(id: first.id, key: key("r"), state: state(.failed, run: 2, attempts: 2))
        #expect(try database.delivery(key("r")) == again && database.delivery(first.id) == again)
        #expect(try engine.open(in: folder).deliveries(limit: 5) == [again])
    }

    @Test("every part of the key tells deliveries apart", arguments: StorageEngine.all)
    func keys(engine: StorageEngine) throws {
        let database = try engine.open(in: folder)
        var keys = [key("r"), key("s"), key("r", to: "b@example.org")]
        for change: (inout DeliveryKey) -> Void in [
            { $0.job = "weekly" }, { $0.period = "2026-10-02" }, { $0.language = .english }, { $0.channel = .alert },
        ] {
            var other = key("r")
            change(&other)
            keys.append(other)
        }
        for (number, key) in keys.enumerated() { try database.noteDelivery(key, state(.delivered, run: Int64(number))) }
        #expect(try database.deliveries(limit: 50).map(\.key) == keys.reversed())
        for (number, key) in keys.enumerated() {
            #expect(try database.delivery(key)?.state.run == RunID(rawValue: Int64(number)))
        }
    }

    @Test("deliveries are listed from the newest, all or those that a run wrote last", arguments: StorageEngine.all)
    func lists(engine: StorageEngine) throws {
        let database = try engine.open(in: folder)
        for number in 1...5 as ClosedRange<Int64> {
            try database.noteDelivery(key("r\(number)"), state(.delivered, run: number % 2))
        }
        try database.noteDelivery(key("r2"), state(.delivered, run: 1))
        #expect(try database.deliveries(limit: 2).map(\.key.report) == ["r5", "r4"])
        #expect(try database.deliveries(of: RunID(rawValue: 1)).map(\.key.report) == ["r5", "r3", "r2", "r1"])
        #expect(try database.deliveries(of: RunID(rawValue: 0)).map(\.key.report) == ["r4"])
        #expect(try database.deliveries(of: RunID(rawValue: 7)).isEmpty)
    }
}
