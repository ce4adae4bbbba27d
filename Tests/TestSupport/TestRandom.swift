/// A generator whose numbers a failing test can repeat.
public struct TestRandom: RandomNumberGenerator {
    private var state: UInt64

    /// A generator that repeats itself for the same seed.
    public init(_ seed: Int) { state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 }

    /// The next number.
    public mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        state &+= 0x2545_F491_4F6C_DD1D
        return state &* 0x2545_F491_4F6C_DD1D ^ (state >> 29)
    }
}
