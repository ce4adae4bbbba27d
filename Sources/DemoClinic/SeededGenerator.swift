/// SplitMix64: small, fast, and the same on every machine for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    /// A generator of its own for one of many things, such as a patient.
    init(seed: UInt64, stream: UInt64) {
        var mixer = Self(seed: seed ^ (stream &* 0xD1B5_4A32_D192_ED03))
        state = mixer.next()
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number in 0..<1.
    mutating func fraction() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// A number in 0..<bound.
    mutating func below(_ bound: Int) -> Int {
        Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// True with a probability.
    mutating func chance(_ probability: Double) -> Bool {
        fraction() < probability
    }

    /// How often something happens, after Poisson, where `limit` is exp(-mean).
    mutating func count(exponential limit: Double) -> Int {
        var product = fraction()
        var count = 0
        while product > limit {
            product *= fraction()
            count += 1
        }
        return count
    }
}
