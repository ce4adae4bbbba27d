public import Domain

/// A setting or definition that is wrong: says where it stands and how to mend it.
public struct DefinitionError: Failure, Equatable {
    /// File, with the line where it is known, or the variable or flag that it came from.
    public var place: String
    /// The setting or key, where the error is about one.
    public var key: String?
    /// What is wrong, and what to do.
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
