import Domain
import Testing

@Suite(.timeLimit(.minutes(30))) struct IPAddressTests {
    @Test(
        "writes every form of an address in the canonical one",
        arguments: [
            ("192.0.2.1", "192.0.2.1"), ("0.0.0.0", "0.0.0.0"), ("::1", "::1"), ("0:0:0:0:0:0:0:1", "::1"),
            ("[::1]", "::1"), ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"), ("2001:0db8::0001", "2001:db8::1"),
            ("::ffff:127.0.0.1", "127.0.0.1"), ("::FFFF:7f00:1", "127.0.0.1"), ("[::ffff:192.0.2.1]", "192.0.2.1"),
            ("0:0:0:0:0:ffff:192.0.2.1", "192.0.2.1"), ("fe80::1%eth0", "fe80::1"), ("[fe80::1%25eth0]", "fe80::1"),
            ("::", "::"), ("64:ff9b::192.0.2.1", "64:ff9b::c000:201"),
        ])
    func readsEveryForm(text: String, canonical: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == canonical)
        #expect(address == IPAddress(canonical))
    }

    @Test(
        "refuses what is not an address",
        arguments: [
            "", "localhost", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.4:80", "[1.2.3.4]", "[::1]:80",
            ":::",
            "1::2::3", "[::1", "::1]", "1.2.3.4%eth0", " 1.2.3.4", "1.2.3.4\0", "١.2.3.4", "10.0.0.0/8", "0x7f000001",
        ])
    func refusesAnythingElse(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test(
        "counts a /64 of IPv6 as one client",
        arguments: [
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("2001:db8:1:2::", "2001:db8:1:2::/64"),
            ("192.0.2.7", "192.0.2.7"), ("::ffff:192.0.2.7", "192.0.2.7"),
        ])
    func clientNetworks(address: String, network: String) throws {
        #expect(try #require(IPAddress(address)).clientNetwork.description == network)
    }

    @Test(
        "knows loopback and private addresses",
        arguments: [
            ("127.0.0.1", true, false), ("127.9.9.9", true, false), ("::1", true, false),
            ("::ffff:127.0.0.1", true, false),
            ("10.1.2.3", false, true), ("172.31.0.1", false, true), ("172.32.0.1", false, false),
            ("192.168.1.1", false, true), ("169.254.1.1", false, true), ("100.64.0.1", false, true),
            ("fd00::1", false, true), ("fe80::1", false, true), ("2001:db8::1", false, false),
            ("8.8.8.8", false, false),
            ("::", false, false),
        ])
    func nearbyAddresses(text: String, isLoopback: Bool, isPrivate: Bool) throws {
        let address = try #require(IPAddress(text))
        #expect(address.isLoopback == isLoopback)
        #expect(address.isPrivate == isPrivate)
    }
}
