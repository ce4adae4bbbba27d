public import Domain

/// Limits and trusted peers of the REST API.
public struct APISettings: Sendable, Equatable {
    /// Hours for which a feedback may be edited or withdrawn.
    public var feedbackEditHours = 48
    /// Maximum number of feedback on one recommendation per day of the clinic, including withdrawn feedback. Services and
    /// admins are not limited.
    public var feedbackPerDay = 3
    /// Maximum number of requests per minute and token or, without token, per address; 0 for no limit.
    public var requestsPerMinute = 600
    /// Origins of web pages that may use the API, such as `https://app.clinic.example`.
    public var allowedOrigins: Set<WebOrigin> = []
    /// Addresses and networks of proxies whose `X-Forwarded-For` is trusted.
    public var trustedProxies: [IPNetwork] = []

    /// The defaults.
    public init() {}
}
