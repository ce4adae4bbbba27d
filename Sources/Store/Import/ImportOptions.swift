public import Domain

/// How an import is to be done.
public struct ImportOptions: Sendable {
    /// Rejects that leave the import alive; `nil` for any number.
    public var allowedRejects: Int?
    /// The file that lists rejects.
    public var rejectsPath: String
    /// The present, behind which the future begins.
    public var now: Instant
    /// The zone of dates that name none.
    public var timezone: ClinicTimeZone
    /// Whether more than a fifth of a source's records may change.
    public var allowsChanges = false
    /// Whether records of the source that are not in the files are deleted.
    public var mirrors = false
    /// Called now and then with how far the import is.
    public var progress: (@Sendable (ImportProgress) -> Void)?
    /// Called with each of the first rejects where they cannot be listed.
    public var onReject: (@Sendable (Reject) -> Void)?

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
    /// The file that is read.
    public var file: String
    /// How much of all files is read, 0…1.
    public var fraction: Double
}

/// How the text of input files is to be read, where that is not to be detected.
public struct InputDialect: Sendable {
    /// The encoding; `nil` to detect it.
    public var encoding: TextEncoding?
    /// The ASCII character that separates fields; `nil` to detect it.
    public var separator: UInt8?

    /// A dialect; what is `nil` is detected.
    public init(encoding: TextEncoding? = nil, separator: UInt8? = nil) {
        self.encoding = encoding
        self.separator = separator
    }

    /// Whether a byte may separate fields.
    public static func isSeparator(_ byte: UInt8) -> Bool { CSVDialect.isSeparator(byte) }
}
