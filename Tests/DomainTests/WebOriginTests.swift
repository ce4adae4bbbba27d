import Domain
import Testing

@Suite(.timeLimit(.minutes(30))) struct WebOriginTests {
    @Test(
        "writes origins as browsers send them",
        arguments: [
            ("https://app.clinic.example", "https://app.clinic.example"),
            ("HTTPS://App.Clinic.Example:443", "https://app.clinic.example"),
            ("http://clinic.example:80", "http://clinic.example"),
            ("http://clinic.example:443", "http://clinic.example:443"),
            ("https://clinic.example:8443", "https://clinic.example:8443"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("http://[0:0:0:0:0:0:0:1]:3000", "http://[::1]:3000"), ("http://192.0.2.1", "http://192.0.2.1"),
            ("https://درمانگاه.example", "https://xn--mgbawi4hhi44f.example"),
            ("https://xn--mgbawi4hhi44f.example", "https://xn--mgbawi4hhi44f.example"),
            ("capacitor://localhost", "capacitor://localhost"),
        ])
    func normalises(text: String, canonical: String) {
        #expect(WebOrigin(text)?.description == canonical)
    }

    @Test(
        "refuses what is not an origin",
        arguments: [
            "", "null", "*", "https://*.clinic.example", "clinic.example", "https://", "https://clinic.example/",
            "https://clinic.example/app", "https://clinic.example?x", "https://clinic.example#x",
            "https://user@clinic.example", "https://user:pw@clinic.example", "https://clinic.example:0",
            "https://clinic.example:", "https://clinic.example:99999", "https://clinic.example:+44",
            "://clinic.example",
            "https://::1", "https://[::1", "https://[fe80::1%25eth0]", "https://[::ffff:192.0.2.1]", "https://a b",
            "ht tp://a",
            "https://clinic..example", "https://clinic.example, https://other.example",
        ])
    func refuses(text: String) {
        #expect(WebOrigin(text) == nil)
    }

    @Test(
        "knows pages of this machine",
        arguments: [
            ("http://localhost:3000", true), ("http://app.localhost", true), ("http://127.0.0.1", true),
            ("http://[::1]", true), ("http://clinic.example", false), ("http://localhost.example", false),
        ])
    func localPages(text: String, isLocal: Bool) {
        #expect(WebOrigin(text)?.isLocal == isLocal)
    }
}
