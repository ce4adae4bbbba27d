public import Domain

/// What the REST API allows.
public struct APISettings: Sendable, Equatable {
    /// Hours for which a feedback may be edited or withdrawn.
    public var feedbackEditHours = 48
    /// The most feedback on one recommendation on one day of the clinic, withdrawn feedback included. Services and admins
    /// are not limited.
    public var feedbackPerDay = 3
    /// Requests a minute of one token or, without one, of one address; 0 for no limit.
    public var requestsPerMinute = 600
    /// Origins of web pages that may use the API, such as `https://app.clinic.example`.
    public var allowedOrigins: Set<WebOrigin> = []
    /// Addresses and networks of proxies whose `X-Forwarded-For` is believed.
    public var trustedProxies: [IPNetwork] = []

    /// The usual rules.
    public init() {}
}
