public import Foundation

/// The settings of a clinic.
public struct Settings: Sendable {
    /// Where the database is: a path, or a URL with scheme `sqlite`.
    public var database = "avicenna.db"
    /// The zone in which days are counted.
    public var timezone = ClinicTimeZone.utc
    /// The lowest rating that counts as a success.
    public var successRating = Rating.defaultSuccess
    /// Cases from which a report shows a subject, where its definition does not say.
    public var minimumSamples = 5
    /// Language of reports, where neither the definition nor the command says.
    public var language = Language.english
    /// Folder of the job definitions.
    public var jobs = URL(filePath: "jobs")
    /// Folder of the report definitions.
    public var reports = URL(filePath: "reports")
    /// Folder that report files are written to.
    public var output = URL(filePath: "output")
    /// Whether CSV report files begin with a byte order mark, by which some spreadsheets know that they are UTF-8.
    public var csvByteOrderMark = false

    /// The defaults.
    public init() {}

    /// The settings by name: as keys of `avicenna.yaml`, as flags (`--success-rating`) and as variables
    /// (`AVICENNA_SUCCESS_RATING`).
    public enum Key: String, CaseIterable, Sendable {
        /// `Settings.database`.
        case database
        /// `Settings.timezone`.
        case timezone
        /// `Settings.successRating`.
        case successRating = "success_rating"
        /// `Settings.minimumSamples`.
        case minimumSamples = "minimum_samples"
        /// `Settings.language`.
        case language
        /// `Settings.jobs`.
        case jobs
        /// `Settings.reports`.
        case reports
        /// `Settings.output`.
        case output
        /// `Settings.csvByteOrderMark`.
        case csvByteOrderMark = "csv_bom"

        /// The environment variable.
        public var variable: String { "AVICENNA_" + rawValue.uppercased() }
        /// The flag.
        public var flag: String { "--" + rawValue.replacing("_", with: "-") }
    }
}
