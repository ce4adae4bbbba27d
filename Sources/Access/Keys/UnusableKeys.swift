/// Keys of a JWKS that may be meant for tokens, but cannot verify any here.
public struct UnusableKeys: Error, Equatable, CustomStringConvertible {
    /// The file that holds them.
    public let file: String
    /// The identifier and type of each, such as `'2027' (EC P-384 ES384)`.
    public let keys: [String]

    /// One line for operators.
    public var description: String {
        """
        \(file): tokens signed with \(keys.joined(separator: ", ")) are refused; a key must be of P-256 for ES256, or RSA of \
        at least 2048 bits for RS256
        """
    }
}
