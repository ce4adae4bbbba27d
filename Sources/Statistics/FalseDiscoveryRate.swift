// Section "False discovery rate" of docs/definitions.md.

public import Domain

/// q-values, 0…1, of p-values that were tested together; `nil` where no test was made. In the order of the p-values.
///
/// The step-up procedure of Benjamini, Y. and Hochberg, Y. (1995): Controlling the false discovery rate: a practical and
/// powerful approach to multiple testing. Journal of the Royal Statistical Society B 57, 289–300.
public func qValues(of pValues: [Double?]) -> [Double?] {
    let tested = pValues.enumerated().compactMap { position, p in p.map { (position: position, p: $0) } }
        .sorted { $0.p > $1.p }
    var result = [Double?](repeating: nil, count: pValues.count)
    var smallest = 1.0
    for (ahead, test) in tested.enumerated() {
        let rank = tested.count - ahead
        smallest = min(smallest, test.p * Double(tested.count) / Double(rank))
        result[test.position] = smallest
    }
    return result
}

extension Keyed where Key == Subject, Value == Trend {
    /// The q-value of each trend among all of its level, in order; `nil` where no test was made.
    ///
    /// A q-value depends on all tests of the level, so it is computed on demand and stored nowhere.
    public var qValues: [Double?] { Statistics.qValues(of: values.map(\.pValue)) }
}

extension Trend {
    /// The largest q-value that counts as significant.
    public static let falseDiscoveryRate = 0.10

    /// Whether a q-value makes a change significant; `false` for `nil`.
    public static func isSignificant(qValue: Double?) -> Bool {
        qValue.map { $0 <= falseDiscoveryRate } ?? false
    }
}
