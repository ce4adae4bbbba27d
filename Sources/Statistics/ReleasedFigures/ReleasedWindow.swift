// Section "Released figures" of docs/definitions.md.

public import Domain

/// A window of released figures, counted in calendar months from the newest released month.
public enum ReleasedWindow: String, CaseIterable, Sendable {
    /// The newest released month.
    case lastMonth = "last_month"
    /// The newest released month and the two calendar months before it.
    case lastThreeMonths = "last_3_months"
    /// All released months.
    case all

    /// The first month of the window that ends with `last`; `nil` for all.
    public func firstMonth(upTo last: CalendarMonth) -> CalendarMonth? {
        switch self {
        case .lastMonth: last
        case .lastThreeMonths: last - 2
        case .all: nil
        }
    }
}

extension Releases {
    /// The cells of a subject in a window, in the order of their months.
    public func cells(
        of subject: ReleasedSubject, in window: ReleasedWindow
    ) -> [(counts: RatingCounts, epsilon: PrivacyLoss)] {
        guard let lastMonth else { return [] }
        let first = window.firstMonth(upTo: lastMonth)
        return months.filter { month in first.map { month.month >= $0 } ?? true }.compactMap { month in
            month.cells[subject].map { ($0, month.epsilon) }
        }
    }
}
