import Configuration
import Testing

/// Addresses with a port at which a server listens.
@Suite(.timeLimit(.minutes(30))) struct ListenAddressTests {
    @Test(arguments: [
        ("127.0.0.1:9464", "127.0.0.1", 9464), ("0.0.0.0:0", "0.0.0.0", 0), ("localhost:65535", "localhost", 65_535),
        ("[::1]:9464", "::1", 9464), ("[2001:DB8:0::7]:80", "2001:db8::7", 80), ("[::]:1", "::", 1),
        ("[::ffff:127.0.0.1]:80", "127.0.0.1", 80), ("10.0.0.1:۹۴۶۴", "10.0.0.1", 9464),
    ])
    func readsAnAddressWithAPort(text: String, hostname: String, port: Int) throws {
        let address = try #require(ListenAddress(text))
        #expect(address.hostname == hostname)
        #expect(address.port == port)
        #expect(ListenAddress(address.description) == address)
    }

    @Test func isWrittenAsInURLs() {
        #expect(ListenAddress("[0:0::1]:080")?.description == "[::1]:80")
        #expect(ListenAddress("localhost:0")?.with(port: 4711).description == "localhost:4711")
    }

    @Test(
        "refuses what is not an address with a port",
        arguments: [
            "", ":", ":9464", "9464", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:000080", "127.0.0.1:+80",
            "127.0.0.1:-1", "127.0.0.1: 80", " 127.0.0.1:80", "127.0.0.1:80 ", "127.0.0.1:http", "127.0.0.1:80/metrics",
            "http://127.0.0.1:80", "127.1:80", "256.0.0.1:80", "clinic.example:80", "LOCALHOST:80", "[localhost]:80",
            "[127.0.0.1]:80", "::1:80", "::1", "[::1]", "[::1", "[::1]80", "[::1:80", "[]:80", "[fe80::1%eth0]:80",
        ])
    func refuses(text: String) {
        #expect(ListenAddress(text) == nil)
    }
}
