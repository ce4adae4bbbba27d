public import Domain
public import Foundation

/// The release of public figures.
public struct ReleaseSettings: Sendable, Equatable {
    /// The privacy loss (ε) of each cell of months that are released from now on.
    public var epsilon = PrivacyLoss.standard
    /// The first released month; `nil` for the month in which releases are set up. Read at set-up only.
    public var firstMonth: CalendarMonth?
    /// Minimum number of patients, including noise, for which a figure is shown.
    public var minimum = 50
    /// The ledger of released figures; `nil` for a file beside the database.
    public var ledger: URL?
    /// The file with public names of herbs and conditions; `nil` for none.
    public var names: URL?

    /// The defaults.
    public init() {}
}
