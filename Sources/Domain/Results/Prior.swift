/// The beta prior towards which effectiveness of a level and window is shrunk.
public struct Prior: Hashable, Sendable {
    /// Pseudo-successes.
    public var a: Double
    /// Pseudo-failures.
    public var b: Double

    /// A prior of `a` successes and `b` failures.
    public init(a: Double, b: Double) {
        self.a = a
        self.b = b
    }

    /// The prior where a level says nothing: one success and one failure.
    public static let uninformed = Self(a: 1, b: 1)
}
