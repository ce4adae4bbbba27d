public import Domain

/// A setting or definition is invalid. The error names its place and what to do about it.
public struct DefinitionError: Failure, Equatable {
    /// The file, with the line if it is known, or the variable or flag.
    public var place: String
    /// The setting or key; `nil` if the error concerns the whole.
    public var key: String?
    /// The reason, and what to do about it.
    public var reason: String

    /// An error at a place, about a key or about the whole.
    public init(place: String, key: String? = nil, reason: String) {
        self.place = place
        self.key = key
        self.reason = reason
    }

    /// One line: place, key, reason.
    public var description: String {
        [place, key, reason].compactMap { $0 }.joined(separator: ": ")
    }

    /// 78.
    public var status: ExitStatus { .configuration }
}
