/// The deliveries of reports.
public protocol DeliveryLedger: Sendable {
    /// Records the state of a delivery.
    func noteDelivery(_ key: DeliveryKey, _ state: DeliveryState) throws
    /// A delivery; `nil` where there is none.
    func delivery(_ key: DeliveryKey) throws -> DeliveryRecord?
    /// A delivery by its number; `nil` where there is none.
    func delivery(_ id: DeliveryID) throws -> DeliveryRecord?
    /// The newest deliveries first, at most `limit`.
    func deliveries(limit: Int) throws -> [DeliveryRecord]
    /// The deliveries whose state a run wrote last, the newest first.
    func deliveries(of run: RunID) throws -> [DeliveryRecord]
}
