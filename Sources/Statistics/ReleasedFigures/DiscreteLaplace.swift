// Section "Released figures" of docs/definitions.md.

/// The discrete Laplace distribution, P(x) ∝ exp(-|x| / scale) on the whole numbers, sampled exactly.
///
/// The sampler is Algorithm 2 of Canonne, Kamath and Steinke 2020 ("The discrete Gaussian for differential privacy"), which
/// needs whole numbers only: floating-point noise reveals more than its privacy loss allows (Mironov 2012).
public struct DiscreteLaplace: Sendable {
    private let numerator: Int
    private let denominator: Int

    /// The distribution with P(x) ∝ exp(-|x| · denominator / numerator).
    ///
    /// - Parameters:
    ///   - scaleNumerator: 1 or more.
    ///   - scaleDenominator: 1 or more.
    public init(scaleNumerator: Int, scaleDenominator: Int) {
        precondition(scaleNumerator > 0 && scaleDenominator > 0, "a scale is positive")
        numerator = scaleNumerator
        denominator = scaleDenominator
    }

    /// Draws a number.
    public func sample(using generator: inout some RandomNumberGenerator) -> Int {
        while true {
            let remainder = Int.random(in: 0..<numerator, using: &generator)
            guard Self.bernoulli(exponent: remainder, over: numerator, using: &generator) else { continue }
            var quotient = 0
            while Self.bernoulli(exponent: 1, over: 1, using: &generator) { quotient += 1 }
            let magnitude = (remainder + numerator * quotient) / denominator
            let isNegative = Bool.random(using: &generator)
            // Zero would be drawn twice as often as it should, with both signs.
            if isNegative, magnitude == 0 { continue }
            return isNegative ? -magnitude : magnitude
        }
    }

    /// `true` with the probability exp(-exponent / divisor), for an exponent from 0 to the divisor (Algorithm 1 there).
    private static func bernoulli(
        exponent: Int, over divisor: Int, using generator: inout some RandomNumberGenerator
    ) -> Bool {
        var trial = 1
        // Each further trial succeeds with the probability exponent / (divisor · trial).
        while Int.random(in: 0..<divisor * trial, using: &generator) < exponent { trial += 1 }
        return trial % 2 == 1
    }
}
