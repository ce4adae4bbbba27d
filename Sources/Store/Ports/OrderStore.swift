public import Domain

/// Writes single records on behalf of requesters.
public protocol OrderStore: Sendable {
    /// Runs `body` in one write transaction, which an error undoes. Blocks while others write, and until the data is on the disk.
    func inOrderTransaction<Value>(at now: Instant, _ body: (any OrderTransaction) throws -> Value) throws -> Value
}

extension OrderStore {
    /// Processes several orders in one transaction, each by itself. Every write has an entry in the audit log, and the followers of
    /// a diagnosis receive its feedback updates. Blocks while others write, and until the data is on the disk. Raising the outbox
    /// signal is left to the caller.
    ///
    /// - Returns: the receipt of each order, in their order.
    /// - Throws: `StoreError`; nothing is written then.
    public func write(_ orders: [WriteOrder], rules: WriteRules, at now: Instant) throws -> [WriteReceipt] {
        try inOrderTransaction(at: now) { transaction in
            try transaction.deleteAnswers(
                storedBefore: Instant(microseconds: now.microseconds - IdempotencyKey.lifetime * 1_000_000))
            var processor = OrderProcessor(transaction, rules: rules, now: now)
            return try orders.map { try processor.process($0) }
        }
    }
}
