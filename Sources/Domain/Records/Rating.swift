/// How a patient judged a recommendation, or how far a symptom improved: a whole number from 1 to 5.
public struct Rating: Hashable, Comparable, Sendable {
    /// 1…5, 5 is best.
    public let value: Int

    /// 4, the lowest rating that counts as a success where no setting says otherwise.
    public static let defaultSuccess = Self(unchecked: 4)

    private init(unchecked value: Int) {
        self.value = value
    }

    /// `nil` where `value` lies outside 1…5.
    public init?(_ value: Int) {
        guard (1...5).contains(value) else { return nil }
        self.value = value
    }

    /// A lower rating comes first.
    public static func < (left: Self, right: Self) -> Bool {
        left.value < right.value
    }
}
