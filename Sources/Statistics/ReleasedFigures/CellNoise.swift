// Section "Released figures" of docs/definitions.md.

public import Domain
import Foundation

// The noise of released cells and entry tests: discrete Laplace of scale 2/ε for both.
extension PrivacyLoss {
    /// The noise of each of the five numbers of a cell, and of an entry test.
    var noise: DiscreteLaplace { DiscreteLaplace(scaleNumerator: 2000, scaleDenominator: thousandths) }

    /// The variance of the noise, σ² = 2·e^(ε/2) / (e^(ε/2) - 1)².
    public var noiseVariance: Double {
        // e^x / (e^x - 1)² without the difference of nearly equal numbers.
        let half = expm1(value / 2)
        return 2 * (half + 1) / (half * half)
    }

    /// One over the probability with which a subject of a single patient may become public.
    private static let entryOdds = 1e6

    /// The patients, with noise, from which on a subject becomes public: 1 + ⌈ln(10⁶) / (ε/2)⌉, so that a subject with a
    /// single patient becomes public with a probability below 10⁻⁶.
    public var entryThreshold: Int { 1 + Int((log(Self.entryOdds) / (value / 2)).rounded(.up)) }
}
