import Configuration
import Domain

extension Checkup {
    /// Settings that weaken the server against a hostile network; none where there is no key for tokens, and so no server.
    static func serverFindings(_ settings: Settings) -> [Finding] {
        let tokens = settings.tokens
        guard tokens.secretFile != nil || tokens.publicKeyFile != nil else { return [] }
        return limits(settings) + keys(tokens) + addresses(settings)
    }

    /// Whether anything moves what patients see; nothing where there is no key for tokens, and so no server.
    static func patientViewFindings(_ settings: Settings, _ jobs: [JobDefinition]) -> [Finding] {
        guard settings.tokens.secretFile != nil || settings.tokens.publicKeyFile != nil,
            !jobs.contains(where: { $0.schedule != nil && $0.stages.contains(.scores) })
        else { return [] }
        return [
            doubtful(
                "no job with a schedule has the stage 'scores': patients see no predictions, since runs that feedback triggers do not renew them",
                "add a job such as jobs/nightly.yaml, and a line for it to cron")
        ]
    }

    private static func doubtful(_ text: String, _ advice: String) -> Finding {
        Finding(subject: "server", state: .doubtful, text: text, advice: advice)
    }

    private static func limits(_ settings: Settings) -> [Finding] {
        var findings: [Finding] = []
        let (api, connections) = (settings.api, settings.connections)
        if api.requestsPerMinute == 0 {
            findings.append(
                doubtful("'rate_limit' is 0: one client may send any number of requests", "set it to 600 or the like"))
        } else if api.requestsPerMinute > mostRequests {
            findings.append(
                doubtful(
                    "'rate_limit' is \(api.requestsPerMinute.grouped) requests a minute: one client may keep the server busy",
                    "set it to 600 or the like"))
        }
        if api.feedbackPerDay > mostFeedback {
            findings.append(
                doubtful(
                    "'feedback_per_day' is \(api.feedbackPerDay): one patient may decide the scores of a recommendation",
                    "set it to 3 or the like"))
        }
        if connections.perAddress >= connections.total {
            findings.append(
                doubtful(
                    "'max_connections_per_address' is \(connections.perAddress.grouped) of \(connections.total.grouped) connections: one client may take them all",
                    "set it to a small part of 'max_connections'"))
        } else if connections.perAddress > mostConnections {
            findings.append(
                doubtful(
                    "'max_connections_per_address' is \(connections.perAddress.grouped): one client may take much memory",
                    "set it to 1000 or less"))
        }
        return findings
    }

    private static func keys(_ tokens: TokenSettings) -> [Finding] {
        guard tokens.publicKeyFile != nil else { return [] }
        var findings: [Finding] = []
        if tokens.maxAge == nil {
            findings.append(
                doubtful(
                    "'token_max_age' is not set: a token is accepted for as long as its issuer says, even for years",
                    "set it to the seconds that a session lasts at most, such as 86400"))
        }
        if tokens.issuer == nil, tokens.audience == nil {
            findings.append(
                doubtful(
                    "neither 'token_issuer' nor 'token_audience' is set: tokens that were made for other programs are accepted",
                    "set both to what the tokens have as 'iss' and 'aud'"))
        }
        return findings
    }

    private static func addresses(_ settings: Settings) -> [Finding] {
        var findings: [Finding] = []
        let isLocal = settings.host == "localhost" || IPAddress(settings.host)?.isLoopback == true
        if !isLocal {
            findings.append(
                doubtful(
                    "'host' is \(settings.host): clients reach the server without TLS, unless a proxy is in front of it",
                    "set it to 127.0.0.1 with a proxy for TLS on this machine, or let a firewall admit the proxy alone")
            )
        }
        if let address = settings.metricsAddress, !address.isNearby {
            findings.append(
                doubtful(
                    "'metrics_address' is \(address): anybody who reaches it can watch single feedback arrive",
                    "set it to a loopback or private address, such as 127.0.0.1:\(address.port)"))
        }
        findings += settings.api.allowedOrigins.filter { $0.scheme == "http" && !$0.isLocal }.map(\.description)
            .sorted()
            .map { origin in
                doubtful(
                    "'allowed_origins' has \(origin): whoever is on the way can change its pages and use the API through them",
                    "serve the pages by https")
            }
        findings += settings.api.trustedProxies.filter(\.isVeryWide).map { network in
            doubtful(
                "'trusted_proxies' has \(network): almost anybody may claim to be any client", "name the proxies alone")
        }
        return findings
    }

    private static let mostRequests = 6000
    private static let mostFeedback = 20
    private static let mostConnections = 5000
}

extension ListenAddress {
    /// Whether only this machine, or a private network or the local link, reaches it.
    fileprivate var isNearby: Bool {
        switch host {
        case .localhost: true
        case .address(let address): address.isLoopback || address.isPrivate
        }
    }
}

extension IPNetwork {
    /// Whether it is wider than any network of one organisation.
    fileprivate var isVeryWide: Bool { prefixLength < (address.isIPv4 ? 8 : 32) }
}
