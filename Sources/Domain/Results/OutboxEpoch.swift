/// The identity of an outbox: drawn at random when the database is made, and again when a backup replaces it.
///
/// Sequence numbers of different epochs count different messages: after a restore, the number of a message that was discarded is
/// given to another one.
public struct OutboxEpoch: Hashable, Sendable, CustomStringConvertible {
    /// 16 lower-case hexadecimal digits.
    public let description: String

    /// Reads an epoch; `nil` for anything but 16 lower-case hexadecimal digits.
    public init?(_ text: String) {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        let letters = UInt8(ascii: "a")...UInt8(ascii: "f")
        guard text.utf8.count == 16, text.utf8.allSatisfy({ digits ~= $0 || letters ~= $0 }) else { return nil }
        description = text
    }
}
