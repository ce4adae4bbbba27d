import Configuration
import Domain
import Testing

@Suite(.timeLimit(.minutes(30))) struct MailAddressTests {
    @Test(
        "reads names and addresses",
        arguments: [
            ("a@b.c", nil, "a@b.c"), ("Clinic <a@b.c>", "Clinic", "a@b.c"), ("<a@b.c>", nil, "a@b.c"),
            ("\"Karimi, Dr.\" <a@b.c>", "Karimi, Dr.", "a@b.c"), ("\"A \\\"B\\\"\" <a@b.c>", "A \"B\"", "a@b.c"),
            ("درمانگاه <dr@درمانگاه.example>", "درمانگاه", "dr@xn--mgbawi4hhi44f.example"),
            ("dr@MÜNCHEN.example", nil, "dr@xn--mnchen-3ya.example"), ("Dr@Clinic.Example", nil, "Dr@Clinic.Example"),
        ] as [(String, String?, String)])
    func reads(text: String, name: String?, address: String) throws {
        let read = try MailAddress(parsing: text)
        #expect(read.name == name && read.address == address)
    }

    @Test(
        "says what is wrong with an address",
        arguments: [
            ("", MailAddress.Problem.malformed), ("a", .malformed), ("a@", .malformed), ("a@b@c", .malformed),
            ("\"A <a@b.c>", .malformed), ("\"A\"B\" <a@b.c>", .malformed), ("a b@c", .malformed),
            ("دکتر@clinic.example", .localPartNotASCII), ("é@b.c", .localPartNotASCII), ("a@b..c", .notADomain),
            ("a@b_c!d", .notADomain), ("a@\(String(repeating: "x", count: 64)).example", .notADomain),
        ])
    func refuses(text: String, problem: MailAddress.Problem) {
        #expect(throws: problem) { try MailAddress(parsing: text) }
        #expect(MailAddress(text) == nil)
    }

    @Test(
        "converts the name of a mail server",
        arguments: [
            ("رایانامه.example:587", "xn--mgbaai3jsb8a.example", 587),
            ("mail.clinic.example", "mail.clinic.example", nil),
            ("[::1]:25", "[::1]", 25), ("127.0.0.1:25", "127.0.0.1", 25),
        ] as [(String, String, Int?)])
    func mailServers(text: String, host: String, port: Int?) throws {
        let place = try #require(MailServer.place(text))
        #expect(place.host.hasPrefix(host.hasPrefix("xn--") ? "xn--" : host) && place.port == port)
        #expect(place.host.utf8.allSatisfy { $0 < 128 })
    }
}
