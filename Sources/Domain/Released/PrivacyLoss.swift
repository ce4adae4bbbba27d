/// The privacy loss parameter ε of one release, in whole thousandths: what a patient does in one month for one subject makes no
/// set of answers more than e^ε times as likely.
public struct PrivacyLoss: Hashable, Comparable, Sendable {
    /// ε in thousandths, 1…10,000.
    public let thousandths: Int

    /// 0.5, where no setting says otherwise.
    public static let standard = Self(unchecked: 500)

    private init(unchecked thousandths: Int) { self.thousandths = thousandths }

    /// `nil` outside of 1…10,000 thousandths.
    public init?(thousandths: Int) {
        guard (1...10_000).contains(thousandths) else { return nil }
        self.thousandths = thousandths
    }

    /// Reads a number from 0.001 to 10 with at most three decimals, such as `0.5`, in Latin, Persian or Arabic digits; `nil` for
    /// anything else.
    public init?(_ text: String) {
        let parts = text.withPlainDigits.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy({ (1...3).contains($0.utf8.count) }),
            parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            let whole = Int(parts[0])
        else { return nil }
        let decimals = parts.count == 2 ? parts[1] : "0"
        guard let fraction = Int(decimals + String(repeating: "0", count: 3 - decimals.utf8.count)) else { return nil }
        self.init(thousandths: whole * 1000 + fraction)
    }

    /// ε as a number, 0.001…10.
    public var value: Double { Double(thousandths) / 1000 }

    /// The smaller loss comes first.
    public static func < (left: Self, right: Self) -> Bool { left.thousandths < right.thousandths }
}

extension PrivacyLoss: CustomStringConvertible {
    /// Such as `0.5`, without zeros at its end.
    public var description: String {
        var decimals = padded(thousandths % 1000, to: 3)
        while decimals.hasSuffix("0") { decimals.removeLast() }
        return decimals.isEmpty ? "\(thousandths / 1000)" : "\(thousandths / 1000).\(decimals)"
    }
}
