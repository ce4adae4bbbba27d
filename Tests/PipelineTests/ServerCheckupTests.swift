import Configuration
import Domain
import Foundation
import TestSupport
import Testing

@testable import Pipeline

/// The doctor warns of settings that weaken the server, where there is one.
@Suite(.timeLimit(.minutes(30))) struct ServerCheckupTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func findings(_ yaml: String) throws -> [Checkup.Finding] {
        let file = try folder.write(yaml, to: "avicenna.yaml")
        return Checkup.serverFindings(
            try SettingsLoader(flags: [:], configFile: file, environment: [:], installation: nil).load())
    }

    private static let key = "token_secret_file: secret\n"

    @Test("warns where no schedule renews what patients see")
    func patientsView() throws {
        let file = try folder.write(Self.key, to: "avicenna.yaml")
        let settings = try SettingsLoader(flags: [:], configFile: file, environment: [:], installation: nil).load()
        func job(_ yaml: String) throws -> JobDefinition {
            try JobDefinition(Definition(text: yaml, file: "j.yaml"), name: "j")
        }
        let triggered = try job("stages: [effectiveness, scores]")
        let reports = try job("stages: [effectiveness]\nschedule: '0 2 * * *'")
        let nightly = try job("stages: [scores]\nschedule: '0 2 * * *'")
        let warnings = Checkup.patientViewFindings(settings, [triggered, reports])
        #expect(warnings.count == 1 && warnings[0].state == .doubtful && warnings[0].text.contains("'scores'"))
        #expect(Checkup.patientViewFindings(settings, [triggered, nightly]).isEmpty)
        #expect(Checkup.patientViewFindings(Settings(), [triggered]).isEmpty)
    }

    @Test func saysNothingOfUsualSettingsAndWithoutAServer() throws {
        #expect(try findings(Self.key).isEmpty)
        #expect(
            try findings(
                "token_public_key: jwks.json\ntoken_max_age: 3600\ntoken_issuer: x\nhost: '::1'\nrate_limit: 6000\n"
                    + "feedback_per_day: 20\nmax_connections_per_address: 5000\ntrusted_proxies: 10.0.0.0/8, 2001:db8::/32\n"
                    + "allowed_origins: https://a.example, http://localhost:3000\nmetrics_address: localhost:9464\n"
            ).isEmpty)
        #expect(try findings("rate_limit: 0\nhost: 0.0.0.0\ntrusted_proxies: 0.0.0.0/0").isEmpty)
    }

    @Test(arguments: [
        "127.0.0.2:0", "[::1]:9464", "10.1.2.3:80", "172.31.0.1:1", "192.168.1.1:9464", "169.254.9.9:9464",
        "[fe80::1]:9464", "[fd00::7]:9464",
    ])
    func saysNothingOfMetricsOnThisMachineAndItsOwnNetworks(address: String) throws {
        #expect(try findings(Self.key + "metrics_address: '\(address)'").isEmpty)
    }

    @Test(
        "warns of each setting by its name",
        arguments: [
            ("rate_limit: 0", "'rate_limit' is 0:"), ("rate_limit: 6001", "'rate_limit' is 6,001 requests a minute"),
            ("feedback_per_day: 21", "'feedback_per_day' is 21"),
            ("max_connections_per_address: 5001", "'max_connections_per_address' is 5,001:"),
            ("max_connections: 100\nmax_connections_per_address: 100", "'max_connections_per_address' is 100 of 100"),
            ("host: 0.0.0.0", "'host' is 0.0.0.0"), ("host: '::'", "'host' is ::"),
            ("host: clinic.example", "'host' is clinic.example"),
            ("allowed_origins: http://app.example, https://b.example", "'allowed_origins' has http://app.example:"),
            ("trusted_proxies: 0.0.0.0/0", "'trusted_proxies' has 0.0.0.0/0"),
            ("trusted_proxies: 127.0.0.1, 8.0.0.0/7", "'trusted_proxies' has 8.0.0.0/7"),
            ("trusted_proxies: 2001::/31", "'trusted_proxies' has 2001::/31"),
            ("metrics_address: 0.0.0.0:9464", "'metrics_address' is 0.0.0.0:9464: anybody"),
            ("metrics_address: '[::]:0'", "'metrics_address' is [::]:0: anybody"),
            ("metrics_address: 192.0.2.1:80", "'metrics_address' is 192.0.2.1:80: anybody"),
            ("metrics_address: '[2001:db8::1]:80'", "'metrics_address' is [2001:db8::1]:80: anybody"),
            ("token_public_key: k\ntoken_issuer: x", "'token_max_age' is not set"),
            ("token_public_key: k\ntoken_max_age: 60", "neither 'token_issuer' nor 'token_audience'"),
        ])
    func warns(settings: String, text: String) throws {
        let findings = try findings(Self.key + settings)
        #expect(findings.count == 1)
        #expect(findings.first?.state == .doubtful && findings.first?.advice.isEmpty == false)
        #expect(findings.first?.text.hasPrefix(text) == true, "\(findings)")
    }
}
