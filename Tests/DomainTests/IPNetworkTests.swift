import Domain
import Testing

@Suite(.timeLimit(.minutes(30))) struct IPNetworkTests {
    @Test(
        "normalises networks",
        arguments: [
            ("10.0.0.0/8", "10.0.0.0/8"), ("10.1.2.3/8", "10.0.0.0/8"), ("127.0.0.1", "127.0.0.1"),
            ("127.0.0.1/32", "127.0.0.1"), ("0.0.0.0/0", "0.0.0.0/0"), ("::/0", "::/0"),
            ("2001:DB8:0::1/32", "2001:db8::/32"), ("[::1]", "::1"), ("::1/128", "::1"),
            ("::ffff:10.1.0.0/104", "10.0.0.0/8"), ("2001:db8::ff/127", "2001:db8::fe/127"),
        ])
    func normalises(text: String, canonical: String) {
        #expect(IPNetwork(text)?.description == canonical)
    }

    @Test(
        "refuses what is not a network",
        arguments: [
            "", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8/8", "::1/129", "host/8",
            "10.0.0.0/255.0.0.0", "::ffff:10.0.0.0/8", "10.0.0.0/٨", "10/8",
        ])
    func refuses(text: String) {
        #expect(IPNetwork(text) == nil)
    }

    @Test(
        "contains the addresses with its prefix",
        arguments: [
            ("10.0.0.0/8", "10.255.255.255", true), ("10.0.0.0/8", "11.0.0.0", false), ("0.0.0.0/0", "1.2.3.4", true),
            ("0.0.0.0/0", "::1", false), ("::/0", "::1", true), ("::/0", "1.2.3.4", false),
            ("2001:db8::/32", "2001:db8:ffff::1", true), ("2001:db8::/32", "2001:db9::", false),
            ("127.0.0.1", "::ffff:127.0.0.1", true), ("::1", "0:0:0:0:0:0:0:1", true),
        ])
    func contains(network: String, address: String, isContained: Bool) throws {
        #expect(try #require(IPNetwork(network)).contains(#require(IPAddress(address))) == isContained)
    }
}
