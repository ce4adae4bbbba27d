public import Domain

extension OutboxEpoch {
    /// An epoch that no database has by chance.
    public static let zero: OutboxEpoch = {
        guard let epoch = OutboxEpoch("0000000000000000") else { preconditionFailure("is an epoch") }
        return epoch
    }()
}
