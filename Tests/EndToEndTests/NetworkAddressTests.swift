import Foundation
import TestSupport
import Testing

/// Clients are known by their address, whatever its form and by whatever proxy they come.
@Suite(.endToEnd, .timeLimit(.minutes(30))) struct NetworkAddressTests {
    private static let hasIPv6 =
        // Without the file there is none.
        ((try? String(contentsOfFile: "/proc/net/if_inet6", encoding: .utf8)) ?? "").contains(" lo\n")

    private func status(_ api: ServedAPI, forwardedFor addresses: String) async throws -> Int {
        try await api.ask("GET", "/api/patients", headers: ["X-Forwarded-For": addresses]).status
    }

    private func metrics(_ api: ServedAPI) async throws -> String {
        try await api.ask("GET", "/metrics", try await api.clinic.token("--service")).body
    }

    @Test("limits a /64 of IPv6 as one client, and a client by its address without port")
    func rateLimits() async throws {
        let api = try await ServedAPI(settings: "rate_limit: 2\ntrusted_proxies: 127.0.0.0/8\n")
        func isLimited(_ address: (Int) -> String) async throws -> Bool {
            // The limit recovers with time, of which a busy machine takes much.
            for number in 1...20 where try await status(api, forwardedFor: address(number)) == 429 { return true }
            return false
        }
        #expect(try await isLimited { "2001:db8::\($0)" })
        #expect(try await isLimited { "[2001:db8:1::\($0)]:471\($0)" })
        #expect(try await isLimited { "192.0.2.1:\(50_000 + $0)" })
        #expect(try await isLimited { "192.0.2.\(100 + $0), 192.0.2.2, unknown" })
        #expect(try await !isLimited { "2001:db8:2:\($0)::1" })
        #expect(try await !isLimited { "198.51.100.\($0)" })
        #expect(try await metrics(api).contains("\navicenna_api_untrusted_forwarded_total 0\n"))
    }

    @Test(.enabled(if: hasIPv6, "this machine has no IPv6"))
    func aServerForIPv4AndIPv6KnowsItsProxyByItsIPv4Address() async throws {
        let api = try await ServedAPI(settings: "host: '::'\nrate_limit: 1\ntrusted_proxies: 127.0.0.1\n")
        for number in 1...3 { #expect(try await status(api, forwardedFor: "192.0.2.\(number)") == 401) }
    }

    @Test func aProxyThatIsNotTrustedIsNamedOnce() async throws {
        let api = try await ServedAPI(settings: "rate_limit: 0\n")
        for number in 1...3 { #expect(try await status(api, forwardedFor: "192.0.2.\(number)") == 401) }
        #expect(try await metrics(api).contains("\navicenna_api_untrusted_forwarded_total 3\n"))
        let lines = try api.server.errors.split(separator: "\n")
        #expect(
            lines.filter { $0.contains("X-Forwarded-For") } == [
                "ignoring X-Forwarded-For from 127.0.0.1, so all clients behind it share one limit; if this is your proxy, name it with 'trusted_proxies: 127.0.0.1'"
            ])
    }

    @Test("the doctor asks the server at metrics_address, and never sends a token")
    func theDoctorAsksTheServer() async throws {
        let api = try await ServedAPI(settings: "rate_limit: 600\nmetrics_address: 127.0.0.1:0\n")
        let metricsPort = try #require(api.server.metricsPort)
        func doctor(_ options: String) async throws -> String {
            try await api.clinic.shell("avicenna doctor --format csv \(options) | grep ',server,'").output
        }
        let atAddress = "--metrics-address 127.0.0.1:\(metricsPort) --port 1"
        #expect(try await doctor(atAddress).isEmpty)
        #expect(try await status(api, forwardedFor: "192.0.2.1") == 401)
        #expect(
            try await doctor(atAddress)
                == "doubtful,server,1 request came through a proxy on this machine or network that is not trusted: all of its clients share one limit,"
                + "\"name the proxy with 'trusted_proxies', and start the server again\"\n")
        #expect(try await doctor("--port \(api.server.port)").isEmpty)
    }

    /// A program that takes connections and says nothing must not hold up the doctor.
    @Test func theDoctorDoesNotWaitForSilentPrograms() async throws {
        let clinic = try await ServedClinic()
        let silent = try await TestWebSocketServer(in: TemporaryFolder())
        let start = ContinuousClock.now
        let run = try await clinic.shell(
            "avicenna doctor --format csv; avicenna doctor --metrics-address 127.0.0.1:\(silent.port) --format csv")
        #expect(!run.output.contains(",server,"))
        #expect(ContinuousClock.now - start < .seconds(30))
    }

    @Test func connectionsToADiagnosisAreCountedByClientNetwork() async throws {
        let clinic = try await ServedClinic(settings: "max_connections_per_address: 2\ntrusted_proxies: 127.0.0.1\n")
        let relay = try await ServerProcess(in: clinic.folder)
        let token = try await clinic.token("--admin")
        func follow(_ address: String) throws -> RawWebSocket {
            try RawWebSocket(
                port: relay.port, path: "/ws/1",
                headers: "Authorization: Bearer \(token)\r\nX-Forwarded-For: \(address)\r\n")
        }
        let sockets = try ["2001:db8::1", "2001:db8::2"].map(follow)
        for socket in sockets { #expect(try socket.read().opcode == 1) }
        #expect(try clinic.closeCode(follow("2001:db8::3")).reason == "too many connections from this address")
        #expect(try follow("2001:db8:0:1::1").read().opcode == 1)
        withExtendedLifetime(sockets) {}
    }

    @Test(arguments: [
        (
            "trusted_proxies: proxy.local",
            "trusted_proxies: has 'proxy.local', but must have addresses such as 127.0.0.1"
        ),
        ("allowed_origins: '*'", "allowed_origins: has '*', but must have origins such as https://app.clinic.example"),
    ])
    func whatIsNotValidIsRefusedAtStart(settings: String, line: String) async throws {
        let folder = try TemporaryFolder()
        try folder.write(settings + "\n", to: "avicenna.yaml")
        let run = try await CommandRun.avicenna("serve", in: folder)
        #expect(run.status == 78)
        #expect(run.errors.hasPrefix("avicenna: avicenna.yaml:1: \(line)"), "\(run.errors)")
        #expect(run.errors.split(separator: "\n").count == 1)
    }
}
