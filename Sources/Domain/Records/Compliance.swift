/// How much of the recommendation the patient took, 0…1.
///
/// Kept as a whole number of billionths, so that sums are exact and do not depend on the order of the cases.
public struct Compliance: Hashable, Sendable {
    /// Billionths in one.
    public static let scale: Int32 = 1_000_000_000

    /// 0…1,000,000,000.
    public let billionths: Int32

    /// `nil` where `billionths` lies outside 0…1,000,000,000.
    public init?(billionths: Int64) {
        guard (0...Int64(Self.scale)).contains(billionths) else { return nil }
        self.billionths = Int32(billionths)
    }

    /// The nearest billionth; `nil` where `fraction` lies outside 0…1 or is no number.
    public init?(_ fraction: Double) {
        guard fraction >= 0, fraction <= 1 else { return nil }
        billionths = Int32((fraction * Double(Self.scale)).rounded())
    }
}
