import Testing

@testable import Relay

@Suite(.timeLimit(.minutes(5))) struct UTF8CheckTests {
    /// Bytes at which the rules of UTF-8 (RFC 3629, 4) change.
    private static let boundaries: [UInt8] = [
        0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE,
        0xEF,
        0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
    ]

    private func isValid(_ bytes: [UInt8]) -> Bool {
        var check = UTF8Check()
        return check.read(bytes) && check.isComplete
    }

    private func expectAgreement(_ bytes: [UInt8]) {
        // An expectation for each of so many sequences would take minutes.
        if isValid(bytes) != (String(validating: bytes, as: UTF8.self) != nil) { Issue.record("\(bytes)") }
    }

    @Test("agrees with the standard library on all sequences of one and two bytes")
    func shortSequences() {
        for first in UInt8.min...UInt8.max {
            expectAgreement([first])
            for second in UInt8.min...UInt8.max { expectAgreement([first, second]) }
        }
    }

    @Test("agrees with the standard library on sequences of three and four bytes at the limits of their ranges")
    func longSequences() {
        for first in Self.boundaries {
            for second in Self.boundaries {
                for third in Self.boundaries {
                    expectAgreement([first, second, third])
                    // Others are of a sequence and what follows it.
                    guard first >= 0xF0 else { continue }
                    for fourth in Self.boundaries { expectAgreement([first, second, third, fourth]) }
                }
            }
        }
    }

    @Test("reads text in pieces that divide characters, and is complete between characters alone")
    func pieces() {
        let text = "aé گل 🌿"
        var check = UTF8Check()
        var read: [UInt8] = []
        for byte in text.utf8 {
            read.append(byte)
            let isValid = check.read([byte])
            #expect(isValid)
            #expect(check.isComplete == (String(validating: read, as: UTF8.self) != nil))
        }
        #expect(read == Array(text.utf8))
    }

    @Test(
        "refuses at the first byte that cannot follow",
        arguments: [
            [0xC0], [0xE0, 0x9F], [0xED, 0xA0], [0xF0, 0x8F], [0xF4, 0x90], [0xF5], [0x80], [0xE1, 0x80, 0x41],
        ] as [[UInt8]])
    func firstInvalidByte(bytes: [UInt8]) {
        var check = UTF8Check()
        let (isValidBefore, isValid) = (check.read(bytes.dropLast()), check.read(bytes.suffix(1)))
        #expect(isValidBefore && !isValid)
    }
}
