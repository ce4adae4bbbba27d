import Foundation
import TestSupport
import Testing

/// Clients are known by their address, whatever its form and by whatever proxy they come.
struct NetworkAddressTests {
    private static let hasIPv6 =
        // Without the file there is none.
        ((try? String(contentsOfFile: "/proc/net/if_inet6", encoding: .utf8)) ?? "").contains(" lo\n")

    private func status(_ api: ServedAPI, forwardedFor addresses: String) async throws -> Int {
        try await api.ask("GET", "/api/patients", headers: ["X-Forwarded-For": addresses]).status
    }

    @Test("limits a /64 of IPv6 as one client, and a client by its address without port")
    func rateLimits() async throws {
        let api = try ServedAPI(settings: "rate_limit: 1\ntrusted_proxies: 127.0.0.0/8\n")
        // Often enough that two come within a minute on a busy machine as well.
        func isLimited(_ addresses: String...) async throws -> Bool {
            for address in Array(repeating: addresses, count: 10).joined() {
                if try await status(api, forwardedFor: address) == 429 { return true }
            }
            return false
        }
        #expect(try await isLimited("2001:db8::1", "[2001:db8::2]:4711", "2001:db8::ffff:3"))
        #expect(try await isLimited("192.0.2.1:50001", "192.0.2.1:50002", "192.0.2.1, unknown"))
        for address in ["2001:db8:0:1::1", "2001:db8:0:2::1", "192.0.2.2", "192.0.2.3:1"] {
            #expect(try await status(api, forwardedFor: address) == 401)
        }
        #expect(try await api.ask("GET", "/metrics").body.contains("\navicenna_api_untrusted_forwarded_total 0\n"))
    }

    @Test(.enabled(if: hasIPv6, "this machine has no IPv6"))
    func aServerForIPv4AndIPv6KnowsItsProxyByItsIPv4Address() async throws {
        let api = try ServedAPI(settings: "host: '::'\nrate_limit: 1\ntrusted_proxies: 127.0.0.1\n")
        for number in 1...3 { #expect(try await status(api, forwardedFor: "192.0.2.\(number)") == 401) }
    }

    @Test func aProxyThatIsNotTrustedIsNamedOnce() async throws {
        let api = try ServedAPI(settings: "rate_limit: 0\n")
        for number in 1...3 { #expect(try await status(api, forwardedFor: "192.0.2.\(number)") == 401) }
        #expect(try await api.ask("GET", "/metrics").body.contains("\navicenna_api_untrusted_forwarded_total 3\n"))
        let lines = try api.server.errors.split(separator: "\n")
        #expect(
            lines.filter { $0.contains("X-Forwarded-For") } == [
                "ignoring X-Forwarded-For from 127.0.0.1, so all clients behind it share one limit; if this is your proxy, name it with 'trusted_proxies: 127.0.0.1'"
            ])
    }

    @Test func connectionsToADiagnosisAreCountedByClientNetwork() throws {
        let clinic = try ServedClinic(settings: "max_connections_per_address: 2\ntrusted_proxies: 127.0.0.1\n")
        let relay = try ServerProcess(in: clinic.folder)
        let token = try clinic.token("--admin")
        func follow(_ address: String) throws -> RawWebSocket {
            try RawWebSocket(
                port: relay.port, path: "/ws/1",
                headers: "Authorization: Bearer \(token)\r\nX-Forwarded-For: \(address)\r\n")
        }
        let sockets = try ["2001:db8::1", "2001:db8::2"].map(follow)
        for socket in sockets { #expect(try socket.read().opcode == 1) }
        #expect(try clinic.closeCode(follow("2001:db8::3")).reason == "too many connections from this address")
        #expect(try follow("2001:db8:0:1::1").read().opcode == 1)
    }

    @Test(arguments: [
        (
            "trusted_proxies: proxy.local",
            "trusted_proxies: has 'proxy.local', but must have addresses such as 127.0.0.1"
        ),
        ("allowed_origins: '*'", "allowed_origins: has '*', but must have origins such as https://app.clinic.example"),
    ])
    func whatIsNotValidIsRefusedAtStart(settings: String, line: String) throws {
        let folder = try TemporaryFolder()
        try folder.write(settings + "\n", to: "avicenna.yaml")
        let run = try CommandRun.avicenna("serve", in: folder)
        #expect(run.status == 78)
        #expect(run.errors.hasPrefix("avicenna: avicenna.yaml:1: \(line)"), "\(run.errors)")
        #expect(run.errors.split(separator: "\n").count == 1)
    }
}
