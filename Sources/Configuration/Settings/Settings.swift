public import Domain
public import Foundation

/// The settings of a clinic.
public struct Settings: Sendable {
    /// The database: a path, or a URL with scheme `sqlite`.
    public var database = "avicenna.db"
    /// The time zone of the clinic, which defines days.
    public var timezone = ClinicTimeZone.utc
    /// The calendar of days on the command line.
    public var calendar = InputCalendar.gregorian
    /// The lowest rating that counts as a success.
    public var successRating = Rating.defaultSuccess
    /// Minimum number of cases for which reports show a subject, unless their definition sets another.
    public var minimumSamples = 5
    /// Language of reports, unless their definition or the command sets another.
    public var language = Language.english
    /// Folder of the job definitions.
    public var jobs = URL(filePath: "jobs")
    /// Folder of the report definitions.
    public var reports = URL(filePath: "reports")
    /// Folder that report files are written to.
    public var output = URL(filePath: "output")
    /// Whether CSV report files begin with a byte order mark, by which some spreadsheets recognise UTF-8.
    public var csvByteOrderMark = false
    /// Number of new or changed feedback on one recommendation that triggers a recomputation.
    public var feedbackTrigger = 5
    /// How mail is sent; `nil` for no mail.
    public var mail: MailSettings?
    /// The format of the log.
    public var logFormat = LogFormat.text
    /// The file to which each run writes its metrics, for node_exporter; `nil` for none.
    public var metricsFile: URL?
    /// The address at which the server listens.
    public var host = "127.0.0.1"
    /// The port at which the server listens; 0 for any free port.
    public var port = 8080
    /// The address of a second listener, which serves metrics, the status of the relay and health without a token; `nil` for
    /// none.
    public var metricsAddress: ListenAddress?
    /// How tokens are verified.
    public var tokens = TokenSettings()
    /// Limits on live clients.
    public var connections = ConnectionLimits()
    /// Limits and trusted peers of the REST API.
    public var api = APISettings()
    /// The release of public figures.
    public var releases = ReleaseSettings()

    /// Maximum numbers of live clients.
    public struct ConnectionLimits: Sendable, Equatable {
        /// In total.
        public var total = 20_000
        /// Per address.
        public var perAddress = 1_000
        /// Per diagnosis.
        public var perDiagnosis = 1_000

        /// The defaults.
        public init() {}
    }

    /// The format of the log.
    public enum LogFormat: String, CaseIterable, Sendable {
        /// Notices, warnings and errors, for people.
        case text
        /// Everything, one JSON object per line.
        case json
    }

    /// Host and port in the form of URLs, with IPv6 addresses in brackets.
    public func authority(port: Int) -> String {
        (host.contains(":") ? "[\(host)]" : host) + ":\(port)"
    }

    /// The rules for counting patients' own cases.
    public var ownFigures: OwnFigures { OwnFigures(timezone: timezone, successRating: successRating) }

    /// The defaults.
    public init() {}

    /// The settings by name: as keys of `avicenna.yaml`, as flags (`--success-rating`) and as variables
    /// (`AVICENNA_SUCCESS_RATING`).
    public enum Key: String, CaseIterable, Sendable {
        /// `Settings.database`.
        case database
        /// `Settings.timezone`.
        case timezone
        /// `Settings.calendar`.
        case calendar
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
        /// `Settings.feedbackTrigger`.
        case feedbackTrigger = "feedback_trigger"
        /// `Settings.logFormat`.
        case logFormat = "log_format"
        /// `Settings.metricsFile`.
        case metricsFile = "metrics_file"
        /// `Settings.host`.
        case host
        /// `Settings.port`.
        case port
        /// `Settings.metricsAddress`.
        case metricsAddress = "metrics_address"
        /// `TokenSettings.secretFile`.
        case tokenSecretFile = "token_secret_file"
        /// `TokenSettings.publicKeyFile`.
        case tokenPublicKey = "token_public_key"
        /// `TokenSettings.issuer`.
        case tokenIssuer = "token_issuer"
        /// `TokenSettings.audience`.
        case tokenAudience = "token_audience"
        /// `TokenSettings.maxAge`, in seconds; 0 for no limit.
        case tokenMaxAge = "token_max_age"
        /// `ConnectionLimits.total`.
        case maxConnections = "max_connections"
        /// `ConnectionLimits.perAddress`.
        case maxConnectionsPerAddress = "max_connections_per_address"
        /// `ConnectionLimits.perDiagnosis`.
        case maxConnectionsPerDiagnosis = "max_connections_per_diagnosis"
        /// `APISettings.feedbackEditHours`.
        case feedbackEditHours = "feedback_edit_hours"
        /// `APISettings.feedbackPerDay`.
        case feedbackPerDay = "feedback_per_day"
        /// `APISettings.requestsPerMinute`.
        case rateLimit = "rate_limit"
        /// `ReleaseSettings.minimum`.
        case publicMinimum = "public_minimum"
        /// `ReleaseSettings.epsilon`.
        case publicEpsilon = "public_epsilon"
        /// `ReleaseSettings.firstMonth`.
        case publicFrom = "public_from"
        /// `ReleaseSettings.names`.
        case publicNames = "public_names"
        /// `ReleaseSettings.ledger`.
        case releaseLedger = "release_ledger"
        /// `APISettings.allowedOrigins`, separated by commas.
        case allowedOrigins = "allowed_origins"
        /// `APISettings.trustedProxies`, separated by commas.
        case trustedProxies = "trusted_proxies"
        /// Host of `MailServer`, optionally with its port.
        case mailServer = "mail_server"
        /// `MailServer.security`.
        case mailSecurity = "mail_security"
        /// `MailServer.user`.
        case mailUser = "mail_user"
        /// `MailServer.passwordFile`.
        case mailPasswordFile = "mail_password_file"
        /// `MailServer.certificates`.
        case mailCertificates = "mail_certificates"
        /// `MailSettings.from`.
        case mailFrom = "mail_from"
        /// `MailSettings.limit`, in megabytes.
        case mailLimit = "mail_limit"
        /// `MailSettings.retryTime`, in hours.
        case mailRetryHours = "mail_retry_hours"

        /// The environment variable.
        public var variable: String { "AVICENNA_" + rawValue.uppercased() }
        /// The flag.
        public var flag: String { "--" + rawValue.replacing("_", with: "-") }
    }
}
