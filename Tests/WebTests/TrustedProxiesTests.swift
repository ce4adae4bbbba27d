import Domain
import Logging
import Testing

@testable import Web

@Suite(.timeLimit(.minutes(30))) struct TrustedProxiesTests {
    private func proxies(
        _ networks: String..., logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) throws -> TrustedProxies {
        TrustedProxies(
            networks: try networks.map { try #require(IPNetwork($0)) },
            untrustedForwarding: UntrustedForwarding(logger: logger))
    }

    private func client(_ lines: [String], from peer: String) throws -> String {
        try proxies("127.0.0.1", "10.0.0.0/24", "2001:db8::/32")
            .client(forwardedFor: lines, from: #require(IPAddress(peer))).description
    }

    @Test(
        "believes proxies where they are trusted",
        arguments: [
            ([String](), "9.9.9.9", "9.9.9.9"), (["1.1.1.1"], "9.9.9.9", "9.9.9.9"),
            (["1.1.1.1"], "127.0.0.1", "1.1.1.1"),
            (["6.6.6.6, 1.1.1.1"], "127.0.0.1", "1.1.1.1"), (["1.1.1.1, 10.0.0.2"], "127.0.0.1", "1.1.1.1"),
            (["1.1.1.1", "10.0.0.2"], "10.0.0.2", "1.1.1.1"), ([], "127.0.0.1", "127.0.0.1"),
            (["10.0.0.3"], "127.0.0.1", "127.0.0.1"), (["1.1.1.1"], "::ffff:127.0.0.1", "1.1.1.1"),
            (["1.1.1.1"], "2001:db8:0:0::7", "1.1.1.1"), (["1.1.1.1"], "10.0.1.1", "10.0.1.1"),
        ])
    func trustedPeers(lines: [String], peer: String, expected: String) throws {
        #expect(try client(lines, from: peer) == expected)
    }

    @Test(
        "reads entries of every form and ignores those that are not addresses",
        arguments: [
            ("1.2.3.4:50001", "1.2.3.4"), ("[2001:db9::1]:4711", "2001:db9::1"), ("[2001:db9::1]", "2001:db9::1"),
            ("\"[2001:db9::1]:4711\"", "2001:db9::1"), ("\"1.2.3.4\"", "1.2.3.4"), ("2001:db9:0::1", "2001:db9::1"),
            ("::ffff:1.2.3.4", "1.2.3.4"), ("\t1.2.3.4  ", "1.2.3.4"), ("1.2.3.4, unknown", "1.2.3.4"),
            ("1.2.3.4,,", "1.2.3.4"), ("1.2.3.4, _hidden", "1.2.3.4"), ("unknown", "127.0.0.1"), ("", "127.0.0.1"),
            ("\"", "127.0.0.1"), ("1.2.3.4:0", "127.0.0.1"), ("1.2.3.4:x", "127.0.0.1"), ("1.2.3.4:99999", "127.0.0.1"),
            ("1.2.3.4, 10.0.0.2:80", "1.2.3.4"), ("clinic.example:80", "127.0.0.1"),
        ])
    func entries(line: String, expected: String) throws {
        #expect(try client([line], from: "127.0.0.1") == expected)
    }

    @Test func readsOnlyTheLastEntries() throws {
        let trusted = Array(repeating: "10.0.0.2", count: 63).joined(separator: ",")
        #expect(try client(["1.1.1.1," + trusted], from: "127.0.0.1") == "1.1.1.1")
        #expect(try client(["1.1.1.1", "10.0.0.2," + trusted], from: "127.0.0.1") == "127.0.0.1")
        let huge = String(repeating: "unknown,", count: 100_000)
        #expect(try client(["1.1.1.1," + huge], from: "127.0.0.1") == "127.0.0.1")
    }

    @Test func countsAndLogsOnceWhatUntrustedProxiesForward() throws {
        let messages = LogMessages()
        let proxies = try proxies("127.0.0.1", logger: Logger(label: "test") { _ in messages })
        for (peer, lines) in [
            ("127.0.0.1", ["1.1.1.1"]), ("8.8.8.8", ["1.1.1.1"]), ("10.0.0.1", []),
            ("10.0.0.1", ["1.1.1.1"]), ("::1", ["1.1.1.1"]),
        ] {
            proxies.noteUntrusted(forwardedFor: lines, from: try #require(IPAddress(peer)))
        }
        #expect(proxies.untrustedForwarding.count == 2)
        #expect(messages.all.count == 1)
        #expect(messages.all.first?.contains("trusted_proxies: 10.0.0.1") == true)
        let metrics = RequestCounters(untrustedForwarding: proxies.untrustedForwarding).metrics
        #expect(metrics.contains("\navicenna_api_untrusted_forwarded_total 2\n"))
    }

    @Test func connectionsAreCountedByClientNetwork() throws {
        let connections = HTTPConnections(maxPerAddress: 2)
        let addresses = try ["2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8:0:1::1"].map {
            try #require(IPAddress($0))
        }
        #expect(addresses.map(connections.acquire) == [true, true, false, true])
        connections.release(addresses[0])
        #expect(connections.acquire(addresses[2]))
    }
}
