public import Domain

/// How an import is to be done.
public struct ImportOptions: Sendable {
    /// Rejects that leave the import alive; `nil` for any number.
    public var allowedRejects: Int?
    /// Where rejects are listed.
    public var rejectsPath: String
    /// The moment that the future begins after.
    public var now: Instant
    /// The zone of dates that name none.
    public var timezone: ClinicTimeZone
    /// Told now and then how far the import is.
    public var progress: (@Sendable (ImportProgress) -> Void)?

    /// Options for an import.
    public init(
        allowedRejects: Int?, rejectsPath: String, now: Instant, timezone: ClinicTimeZone,
        progress: (@Sendable (ImportProgress) -> Void)? = nil
    ) {
        self.allowedRejects = allowedRejects
        self.rejectsPath = rejectsPath
        self.now = now
        self.timezone = timezone
        self.progress = progress
    }
}

/// How far an import is.
public struct ImportProgress: Sendable {
    /// The file at hand.
    public var file: String
    /// How much of all files is read, 0…1.
    public var fraction: Double
}
