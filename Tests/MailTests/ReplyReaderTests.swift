import Testing

@testable import Mail

/// A refusal of several lines is kept whole.
@Suite(.timeLimit(.minutes(30))) struct ReplyReaderTests {
    private func refusal(_ lines: String...) -> String {
        var reader = ReplyReader()
        for line in lines { reader.add(line + "\r\n") }
        return reader.refusal
    }

    @Test func oneLine() {
        #expect(refusal("220 hello", "250 OK", "550 5.1.1 no such mailbox") == "550 5.1.1 no such mailbox")
        #expect(refusal("250-tests", "250-SIZE", "250 OK").isEmpty)
        #expect(refusal("421") == "421")
    }

    @Test func severalLines() {
        #expect(
            refusal("250 OK", "550-5.7.1 The mail was refused;", "550-5.7.1 see", "550 5.7.1 https://mail.example/why")
                == "550 5.7.1 The mail was refused; see https://mail.example/why")
        #expect(refusal("451-try", "451-", "451 later") == "451 try later")
        #expect(refusal("451-first", "451 refusal", "550-second", "550 refusal") == "550 second refusal")
    }

    @Test func controlCharactersAndExcessAreRemoved() {
        #expect(refusal("550-a\u{1B}[31mb\u{9}c", "550 d\0e") == "550 a [31mb c d e")
        var reader = ReplyReader()
        for _ in 0..<1000 { reader.add("550-" + String(repeating: "x", count: 500)) }
        reader.add("550 end")
        #expect(reader.refusal.count == 1004 && reader.refusal.hasSuffix("…"))
    }
}
