import Foundation
import TestSupport
import Testing

/// RFC 6455, case by case as the Autobahn suite has them. Its servers echo and ours does not, so that a case ends with a ping
/// that is answered where the connection is to live on; and messages of more than 4096 bytes, and binary ones, which an echo
/// server takes, end ours with the code that the standard has for that.
@Suite(.timeLimit(.minutes(5))) struct WebSocketProtocolTests {
    /// What is sent, and what comes of it.
    private struct Case {
        let name: String
        let bytes: [UInt8]
        /// The code that the server closes with; `nil` where it goes on.
        var code: Int?
        /// How many bytes go out at a time; `nil` for all.
        var chop: Int?
        /// Contents of the pongs that come first.
        var pongs: [[UInt8]] = []
    }

    private typealias Raw = RawWebSocket

    private func run(_ cases: [Case]) async throws {
        let test = try await TestRelay()
        for item in cases {
            let client = try await test.follower()
            let mark = Array("still there".utf8)
            let bytes = item.code == nil ? item.bytes + Raw.frame(9, mark) : item.bytes
            let chop = item.chop ?? max(bytes.count, 1)
            for start in stride(from: 0, to: bytes.count, by: chop) {
                try await client.send(Array(bytes[start..<min(start + chop, bytes.count)]))
            }
            // The answer to a close, which ends the connection.
            if item.code != nil { try await client.send(Raw.frame(8, [3, 232])) }
            let frames = try await client.frames()
            let pongs = item.pongs + (item.code == nil ? [mark] : [])
            #expect(frames.filter { $0.opcode == 10 }.map(\.payload) == pongs, "\(item.name): \(frames)")
            if let code = item.code {
                // Nothing comes after a close.
                #expect(frames.last?.opcode == 8 && frames.last?.closeCode == code, "\(item.name): \(frames)")
            }
            #expect(frames.count == pongs.count + (item.code == nil ? 0 : 1), "\(item.name): \(frames)")
            #expect(client.isConnected == (item.code == nil), "\(item.name)")
            if client.isConnected { try await client.vanish() }
        }
    }

    private func text(_ count: Int) -> [UInt8] { [UInt8](repeating: 0x2A, count: count) }

    @Test func section1Framing() async throws {
        try await run(
            [0, 125, 126, 127, 128, 4096].map { Case(name: "1.1 text of \($0)", bytes: Raw.frame(1, text($0))) }
                + [Case(name: "1.1.8 chopped", bytes: Raw.frame(1, text(4000)), chop: 997)]
                + [4097, 65_535, 65_536].map {
                    Case(name: "1.1 text of \($0)", bytes: Raw.frame(1, text($0)), code: 1009)
                }
                + [0, 125, 126, 127, 128, 4096].map {
                    Case(name: "1.2 binary of \($0)", bytes: Raw.frame(2, text($0)), code: 1003)
                }
                + [Case(name: "not masked", bytes: Raw.frame(1, text(5), masked: false), code: 1002)])
    }

    @Test func section2PingsAndPongs() async throws {
        let binary: [UInt8] = [0, 255, 254, 253, 252, 251, 0, 255]
        let ten = (0..<10).map { Array("payload-\($0)".utf8) }
        try await run([
            Case(name: "2.1", bytes: Raw.frame(9), pongs: [[]]),
            Case(name: "2.2", bytes: Raw.frame(9, Array("Hello, world!".utf8)), pongs: [Array("Hello, world!".utf8)]),
            Case(name: "2.3", bytes: Raw.frame(9, binary), pongs: [binary]),
            Case(
                name: "2.4", bytes: Raw.frame(9, [UInt8](repeating: 254, count: 125)),
                pongs: [[UInt8](repeating: 254, count: 125)]),
            Case(name: "2.5", bytes: Raw.frame(9, [UInt8](repeating: 254, count: 126)), code: 1002),
            Case(
                name: "2.6", bytes: Raw.frame(9, [UInt8](repeating: 254, count: 125)), chop: 1,
                pongs: [[UInt8](repeating: 254, count: 125)]),
            Case(name: "2.7", bytes: Raw.frame(10)), Case(name: "2.8", bytes: Raw.frame(10, Array("unasked".utf8))),
            Case(
                name: "2.9", bytes: Raw.frame(10, Array("unasked".utf8)) + Raw.frame(9, Array("p".utf8)),
                pongs: [Array("p".utf8)]),
            Case(name: "2.10", bytes: ten.flatMap { Raw.frame(9, $0) }, pongs: ten),
            Case(name: "2.11", bytes: ten.flatMap { Raw.frame(9, $0) }, chop: 1, pongs: ten),
        ])
    }

    @Test func section3ReservedBits() async throws {
        let hello = Raw.frame(1, text(5))
        try await run([
            Case(name: "3.1", bytes: Raw.frame(1, text(5), reserved: 1), code: 1002),
            Case(name: "3.2", bytes: hello + Raw.frame(1, text(5), reserved: 2) + Raw.frame(9), code: 1002),
            Case(name: "3.3", bytes: hello + Raw.frame(1, text(5), reserved: 3) + Raw.frame(9), code: 1002, chop: 9),
            Case(name: "3.4", bytes: hello + Raw.frame(1, text(5), reserved: 4) + Raw.frame(9), code: 1002, chop: 1),
            Case(name: "3.5", bytes: Raw.frame(2, text(5), reserved: 5), code: 1002),
            Case(name: "3.6", bytes: Raw.frame(9, text(5), reserved: 6), code: 1002),
            Case(name: "3.7", bytes: Raw.frame(8, [], reserved: 7), code: 1002),
        ])
    }

    @Test func section4Opcodes() async throws {
        let hello = Raw.frame(1, text(5))
        try await run(
            [3, 4, 5, 6, 7, 11, 12, 13, 14, 15].flatMap { (opcode: UInt8) in
                [
                    Case(name: "4 opcode \(opcode)", bytes: Raw.frame(opcode), code: 1002),
                    Case(name: "4 opcode \(opcode) with content", bytes: Raw.frame(opcode, text(5)), code: 1002),
                    Case(
                        name: "4 opcode \(opcode) after a message",
                        bytes: hello + Raw.frame(opcode, text(5)) + Raw.frame(9), code: 1002),
                    Case(
                        name: "4 opcode \(opcode) chopped", bytes: hello + Raw.frame(opcode, text(5)) + Raw.frame(9),
                        code: 1002, chop: 1),
                ]
            })
    }

    @Test func section5Fragmentation() async throws {
        let (start, end) = (Raw.frame(1, text(5), fin: false), Raw.frame(0, text(5)))
        let middle = Raw.frame(0, text(5), fin: false)
        let ping = Raw.frame(9, Array("p".utf8))
        let p = Array("p".utf8)
        var cases = [
            Case(name: "5.1", bytes: Raw.frame(9, text(5), fin: false) + Raw.frame(0, text(5)), code: 1002),
            Case(name: "5.2", bytes: Raw.frame(10, text(5), fin: false) + Raw.frame(0, text(5)), code: 1002),
            Case(name: "a close in parts", bytes: Raw.frame(8, [3, 232], fin: false), code: 1002),
        ]
        for chop in [nil, 1, 7] as [Int?] {
            cases += [
                Case(name: "5.3–5.5", bytes: start + end, chop: chop),
                Case(name: "5.6–5.8", bytes: start + ping + end, chop: chop, pongs: [p]),
                Case(name: "5.9–5.11", bytes: end + Raw.frame(1, text(5)), code: 1002, chop: chop),
                Case(name: "5.12–5.14", bytes: middle + Raw.frame(1, text(5)), code: 1002, chop: chop),
                Case(name: "5.15", bytes: start + end + middle + Raw.frame(1, text(5)), code: 1002, chop: chop),
                Case(
                    name: "5.16–5.17", bytes: middle + Raw.frame(1, text(5), fin: false) + end, code: 1002, chop: chop),
                Case(name: "5.18", bytes: start + Raw.frame(1, text(5)), code: 1002, chop: chop),
                Case(name: "binary inside", bytes: start + Raw.frame(2, text(5)), code: 1002, chop: chop),
                Case(
                    name: "5.19–5.20", bytes: start + middle + ping + middle + middle + ping + end, chop: chop,
                    pongs: [p, p]),
                Case(
                    name: "empty parts",
                    bytes: Raw.frame(1, [], fin: false) + Raw.frame(0, [], fin: false) + Raw.frame(0, []), chop: chop),
            ]
        }
        cases.append(
            Case(
                name: "parts that are too much together",
                bytes: Raw.frame(1, text(4096), fin: false) + Raw.frame(0, text(1)), code: 1009))
        try await run(cases)
    }

    /// Byte sequences of the suite's section 6, and what is wrong with each; those without are right.
    private static let sequences: [(name: String, bytes: [UInt8], isValid: Bool)] = [
        ("6.1 empty", [], true), ("6.2 κόσμε", Array("Hello-µ@ßöäüàá-UTF-8!! κόσμε سلام گل‌گاوزبان 🌿".utf8), true),
        ("6.3 invalid in the middle", Array("κόσμε".utf8) + [0xED, 0xA0, 0x80] + Array("edited".utf8), false),
        ("6.6 one byte of two", [0xCE], false), ("6.6 κ", [0xCE, 0xBA], true), ("6.6 of three", [0xE1, 0xBD], false),
        ("6.6 ό", [0xE1, 0xBD, 0xB9], true), ("6.7 first of 1", [0x00], true), ("6.7 first of 2", [0xC2, 0x80], true),
        ("6.7 first of 3", [0xE0, 0xA0, 0x80], true), ("6.7 first of 4", [0xF0, 0x90, 0x80, 0x80], true),
        ("6.8 first of 5", [0xF8, 0x88, 0x80, 0x80, 0x80], false),
        ("6.8 first of 6", [0xFC, 0x84, 0x80, 0x80, 0x80, 0x80], false),
        ("6.9 last of 1", [0x7F], true), ("6.9 last of 2", [0xDF, 0xBF], true),
        ("6.9 last of 3", [0xEF, 0xBF, 0xBF], true),
        ("6.9 last of 4", [0xF4, 0x8F, 0xBF, 0xBF], true), ("6.10 beyond", [0xF7, 0xBF, 0xBF, 0xBF], false),
        ("6.10 of 5", [0xFB, 0xBF, 0xBF, 0xBF, 0xBF], false), ("6.11 before surrogates", [0xED, 0x9F, 0xBF], true),
        ("6.11 after surrogates", [0xEE, 0x80, 0x80], true), ("6.11 replacement", [0xEF, 0xBF, 0xBD], true),
        ("6.11 last", [0xF4, 0x8F, 0xBF, 0xBF], true), ("6.11 one beyond", [0xF4, 0x90, 0x80, 0x80], false),
        ("6.12 lonely 80", [0x80], false), ("6.12 lonely BF", [0xBF], false), ("6.12 two", [0x80, 0xBF], false),
        ("6.13 lonely starts of 2", Array(0xC0...0xDF).flatMap { [$0, 0x20] }, false),
        ("6.13 lonely starts of 3", Array(0xE0...0xEF).flatMap { [$0, 0x20] }, false),
        ("6.13 lonely starts of 4", Array(0xF0...0xF7).flatMap { [$0, 0x20] }, false),
        ("6.14 incomplete", [0xE0, 0x80], false), ("6.14 incomplete of 4", [0xF0, 0x80, 0x80], false),
        ("6.14 incomplete end", [0xDF], false), ("6.14 EF BF", [0xEF, 0xBF], false), ("6.16 FE", [0xFE], false),
        ("6.16 FF", [0xFF], false), ("6.17 overlong /", [0xC0, 0xAF], false),
        ("6.17 overlong / of 3", [0xE0, 0x80, 0xAF], false),
        ("6.17 overlong / of 4", [0xF0, 0x80, 0x80, 0xAF], false), ("6.18 overlong 7F", [0xC1, 0xBF], false),
        ("6.18 overlong 7FF", [0xE0, 0x9F, 0xBF], false), ("6.18 overlong FFFF", [0xF0, 0x8F, 0xBF, 0xBF], false),
        ("6.19 overlong NUL", [0xC0, 0x80], false), ("6.20 surrogate D800", [0xED, 0xA0, 0x80], false),
        ("6.20 surrogate DFFF", [0xED, 0xBF, 0xBF], false),
        ("6.21 a pair", [0xED, 0xA0, 0x80, 0xED, 0xB0, 0x80], false),
        ("6.22 noncharacter FFFE", [0xEF, 0xBF, 0xBE], true),
        ("6.22 noncharacter 1FFFF", [0xF0, 0x9F, 0xBF, 0xBF], true),
        ("6.23 specials", [0xEF, 0xBF, 0xB9, 0xEF, 0xBF, 0xBA], true),
    ]

    @Test func section6UTF8() async throws {
        var cases: [Case] = []
        for (name, bytes, isValid) in Self.sequences {
            let code = isValid ? nil : 1007
            cases.append(Case(name: name, bytes: Raw.frame(1, bytes), code: code))
            cases.append(Case(name: "\(name), byte by byte", bytes: Raw.frame(1, bytes), code: code, chop: 1))
            // A character may lie across parts of a message.
            let parts =
                Raw.frame(1, [], fin: false) + bytes.flatMap { Raw.frame(0, [$0], fin: false) } + Raw.frame(0, [])
            if bytes.count < 40 { cases.append(Case(name: "\(name), in parts", bytes: parts, code: code)) }
        }
        // 6.4: told at once, without waiting for the end of the message.
        cases.append(
            Case(
                name: "6.4",
                bytes: Raw.frame(1, Array("κόσμε".utf8), fin: false) + Raw.frame(0, [0xF4, 0x90], fin: false),
                code: 1007))
        try await run(cases)
    }

    @Test func section7Closing() async throws {
        func code(_ code: Int, _ reason: [UInt8] = []) -> [UInt8] {
            Raw.frame(8, [UInt8(code >> 8), UInt8(code & 0xFF)] + reason)
        }
        var cases = [
            Case(name: "7.1.1", bytes: Raw.frame(1, text(5)) + code(1000), code: 1000),
            Case(name: "7.1.2", bytes: code(1000) + code(1000), code: 1000),
            Case(name: "7.1.3", bytes: code(1000) + Raw.frame(9), code: 1000),
            Case(name: "7.1.4", bytes: code(1000) + Raw.frame(1, text(5)), code: 1000),
            Case(
                name: "7.1.5", bytes: Raw.frame(1, text(5), fin: false) + code(1000) + Raw.frame(0, text(5)), code: 1000
            ),
            Case(name: "7.1.6", bytes: Raw.frame(1, text(262_144)) + code(1000) + Raw.frame(9), code: 1009),
            Case(name: "7.3.1", bytes: Raw.frame(8), code: 1000),
            Case(name: "7.3.2", bytes: Raw.frame(8, [3]), code: 1002),
            Case(name: "7.3.3", bytes: code(1000), code: 1000),
            Case(name: "7.3.4", bytes: code(1000, Array("bye".utf8)), code: 1000),
            Case(name: "7.3.5", bytes: code(1000, text(123)), code: 1000),
            Case(name: "7.3.6", bytes: code(1000, text(124)), code: 1002),
            Case(name: "7.5.1", bytes: code(1000, [0xCE, 0xBA, 0xED, 0xA0, 0x80]), code: 1007),
        ]
        for allowed in [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999] {
            cases.append(Case(name: "7.7 \(allowed)", bytes: code(allowed), code: allowed))
        }
        for refused in [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535] {
            cases.append(Case(name: "7.9 \(refused)", bytes: code(refused), code: 1002))
        }
        try await run(cases)
    }

    @Test func section9Limits() async throws {
        try await run([
            Case(name: "9.1", bytes: Raw.frame(1, text(65_536)), code: 1009),
            Case(
                name: "9.3", bytes: (0..<70).flatMap { Raw.frame($0 == 0 ? 1 : 0, text(64), fin: $0 == 69) }, code: 1008
            ),
            Case(name: "9.5", bytes: Raw.frame(1, text(4096)), chop: 64),
            // A length that no machine has.
            Case(name: "a length of 2^63", bytes: [0x81, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4], code: 1009),
            Case(name: "a length of 2^62", bytes: [0x81, 0xFF, 0x40, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4], code: 1009),
            Case(name: "too many messages", bytes: (0..<60).flatMap { _ in Raw.frame(1, text(5)) }, code: 1008),
        ])
    }
}
