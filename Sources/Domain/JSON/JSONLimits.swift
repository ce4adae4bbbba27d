/// How large a JSON text may be that comes from the network.
package struct JSONLimits: Sendable {
    /// Bytes of the whole text.
    package var bytes: Int
    /// Levels of arrays and objects inside each other.
    package var depth = NetworkLimits.jsonDepth
    /// Values in all, including arrays and objects.
    package var values = NetworkLimits.jsonValues
    /// Members of one object.
    package var members = NetworkLimits.jsonMembers

    /// Limits with a size of their own.
    package init(bytes: Int) {
        self.bytes = bytes
    }
}

/// Why a text is not accepted as JSON.
package struct JSONError: Error, Equatable, Sendable {
    /// The violation, such as `a value is expected`.
    package let reason: String
    /// Where it was found, in bytes from the start; `nil` if it concerns the whole text.
    package let offset: Int?

    package init(_ reason: String, at offset: Int?) {
        self.reason = reason
        self.offset = offset
    }

    /// The violation and its place.
    package var text: String { offset.map { "\(reason) at byte \($0)" } ?? reason }
}
