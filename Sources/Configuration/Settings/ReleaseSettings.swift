public import Domain
public import Foundation

/// What is released to anybody, and how it is shown.
public struct ReleaseSettings: Sendable, Equatable {
    /// The privacy loss of each cell of the months that will be released.
    public var epsilon = PrivacyLoss.standard
    /// The first month that is released; `nil` for the month in which releases are set up. It counts at set-up only.
    public var firstMonth: CalendarMonth?
    /// The fewest patients, with noise, that a figure is shown for.
    public var minimum = 50
    /// The ledger; `nil` for a file beside the database.
    public var ledger: URL?
    /// The file with the public names of herbs and conditions; `nil` for none.
    public var names: URL?

    /// The usual rules.
    public init() {}
}
