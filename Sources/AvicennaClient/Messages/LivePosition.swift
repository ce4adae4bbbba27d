/// A position in the messages of a diagnosis, to resume from.
public struct LivePosition: Hashable, Sendable, Codable, ExpressibleByIntegerLiteral {
    /// The sequence number of the newest message that was processed; 0 for none.
    public var sequence: Int64
    /// The epoch of the sequence number, which is another one once the server's database was replaced by a backup; `nil` where it
    /// is not known. Without it, messages are lost where that happens between two connections.
    public var epoch: String?

    /// A position.
    public init(sequence: Int64, epoch: String? = nil) {
        self.sequence = sequence
        self.epoch = epoch
    }

    /// A position whose epoch is not known.
    public init(integerLiteral sequence: Int64) { self.init(sequence: sequence) }
}
