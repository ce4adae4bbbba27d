public import Domain

/// A released month, as far as the ledger and the database know it.
public struct ReleaseStatus: Equatable, Sendable {
    /// Whether the figures of a month are shown.
    public enum State: Equatable, Sendable {
        /// They are shown.
        case shown
        /// The database knows of the month, and the ledger lacks it.
        case missing
        /// The ledger has other figures than the database noted.
        case differs
    }

    /// The month.
    public let month: CalendarMonth
    /// What the ledger has of it; `nil` where it lacks it.
    public let released: ReleasedMonth?
    /// Whether it is shown.
    public let state: State

    /// All months that were released, ascending.
    ///
    /// - Parameter ledger: what the ledger has; `nil` where there is none.
    public static func all(in ledger: LedgerContent?, noted: NotedReleases) -> [Self] {
        let held = (ledger?.months ?? []).map { month in
            Self(
                month: month.released.month, released: month.released,
                state: noted.contradicts(month) ? .differs : .shown)
        }
        let missing = noted.missing(in: ledger).map { Self(month: $0, released: nil, state: .missing) }
        return (held + missing).sorted { $0.month < $1.month }
    }
}
