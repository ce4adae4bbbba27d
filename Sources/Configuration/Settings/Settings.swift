public import Domain
public import Foundation

/// The settings of a clinic.
public struct Settings: Sendable {
    /// Where the database is: a path, or a URL with scheme `sqlite`.
    public var database = "avicenna.db"
    /// The zone in which days are counted.
    public var timezone = ClinicTimeZone.utc
    /// The calendar of days that are typed on the command line.
    public var calendar = InputCalendar.gregorian
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
    /// How many new or changed feedback on one recommendation call for a run of their own.
    public var feedbackTrigger = 5
    /// How mail goes out; `nil` where it does not.
    public var mail: MailSettings?
    /// The form of what is logged.
    public var logFormat = LogFormat.text
    /// The file that metrics are written to after each run, for node_exporter; `nil` for none.
    public var metricsFile: URL?
    /// The address that the server listens at.
    public var host = "127.0.0.1"
    /// The port that the server listens at; 0 for any that is free.
    public var port = 8080
    /// The address of a second listener, which serves metrics, the status of the relay and health without a token; `nil` for
    /// none.
    public var metricsAddress: ListenAddress?
    /// How tokens are known to be genuine.
    public var tokens = TokenSettings()
    /// How many live clients there may be.
    public var connections = ConnectionLimits()
    /// What the REST API allows.
    public var api = APISettings()
    /// What is released to anybody, and how it is shown.
    public var releases = ReleaseSettings()

    /// How many live clients there may be.
    public struct ConnectionLimits: Sendable, Equatable {
        /// In all.
        public var total = 20_000
        /// From one address.
        public var perAddress = 1_000
        /// Of one diagnosis.
        public var perDiagnosis = 1_000

        /// The usual limits.
        public init() {}
    }

    /// The form of what is logged.
    public enum LogFormat: String, CaseIterable, Sendable {
        /// What needs attention, for people.
        case text
        /// Everything, one JSON object a line.
        case json
    }

    /// Where the server is, as URLs have it: the host, in brackets where it is an IPv6 address, and a port.
    public func authority(port: Int) -> String {
        (host.contains(":") ? "[\(host)]" : host) + ":\(port)"
    }

    /// How patients' own cases are counted.
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
        /// Host of `MailServer`, perhaps with its port.
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
