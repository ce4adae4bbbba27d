import Domain
import Foundation
import Testing
import TestSupport

/// JSON from the network is read strictly, within limits, and as Foundation reads it.
@Suite(.timeLimit(.minutes(30))) struct JSONDocumentTests {
    private static let pieces = [
        "{", "}", "[", "]", ",", ":", "\"", "\\", " ", "\n", "\t", "\"a\"", "\"b\":", "\"\\u0061\"",
        "\"\\ud83c\\udf3f\"",
        "\"\\ud83c\"", "\"\\udf3f\"", "\"\\u00\"", "\"\\n\\/\"", "\"\\x\"", "\"گل\"", "0", "-0", "01", "-", "1.50",
        "1.", ".5", "1e3",
        "1E-2", "1e", "12345678901234567890", "true", "false", "null", "nul", "{}", "[]", "[1,{\"c\":[]}]", "\u{1}",
        "\"\u{1}\"",
    ]

    /// JSON, mostly.
    private func text(_ random: inout TestRandom, depth: Int = 0) -> String {
        func list(_ item: (inout TestRandom) -> String) -> String {
            (0..<Int.random(in: 0...3, using: &random)).map { _ in item(&random) }.joined(separator: " , ")
        }
        var text =
            switch depth == 0 ? 0 : Int.random(in: 0...(depth > 3 ? 0 : 5), using: &random) + 1 {
            case 0, 2:
                "{"
                    + list {
                        "\"\(["a", "b", "c", "é", "\\u0061"].randomElement(using: &$0) ?? "")\" : \(self.text(&$0, depth: depth + 1))"
                    }
                    + "}"
            case 3: "[" + list { self.text(&$0, depth: depth + 1) } + "]"
            default: Self.pieces.randomElement(using: &random) ?? ""
            }
        if depth == 0, Bool.random(using: &random) {
            // Something goes, or comes, or is said twice.
            let place = text.indices.randomElement(using: &random) ?? text.startIndex
            switch Int.random(in: 0...2, using: &random) {
            case 0: text.remove(at: place)
            case 1: text.insert(contentsOf: Self.pieces.randomElement(using: &random) ?? "", at: place)
            default: text = " \(text)\n"
            }
        }
        return text
    }

    private func read(_ text: some Sequence<UInt8>, limits: JSONLimits = JSONLimits(bytes: 1 << 20)) throws -> JSON {
        try JSONDocument(Array(text), limits: limits).value
    }

    private func foundation(_ text: String) -> Any? {
        try? JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
    }

    private func isEqual(_ json: JSON, _ known: Any) -> Bool {
        switch json {
        case .null: known is NSNull
        case .boolean(let value): known as? Bool == value
        case .integer(let value): (known as? NSNumber)?.int64Value == value
        case .number(let value):
            // Foundation rounds long whole numbers to fewer digits.
            (known as? NSNumber).map { abs($0.doubleValue - value) <= abs(value) * 1e-15 } == true
        case .text(let value): (known as? String).map { Array($0.utf8) == Array(value.utf8) } == true
        case .array(let values):
            (known as? [Any]).map { $0.count == values.count && zip(values, $0).allSatisfy(isEqual) } == true
        case .object(let members):
            (known as? [String: Any]).map { known in
                known.count == members.count && members.allSatisfy { isEqual($0.value, known[$0.name] as Any) }
            } == true
        }
    }

    @Test("reads what Foundation reads, with the same values", arguments: 1...16)
    func agreesWithFoundation(seed: Int) throws {
        var random = TestRandom(seed)
        var (read, refused) = (0, 0)
        for _ in 0..<3000 {
            let text = text(&random)
            let known = foundation(text)
            guard let document = try? JSONDocument(Array(text.utf8), limits: JSONLimits(bytes: 1 << 20)) else {
                // Foundation also accepts a comma before an end, and the first of several members with one name.
                let isRepeated =
                    (known as? [String: Any]).map { text.matches(of: /"([^"\\]|\\.)*"\s*:/).count > $0.count } ?? true
                #expect(isRepeated || text.contains(/,\s*[\]}]/), "\(text)")
                refused += 1
                continue
            }
            let values = try #require(known, "\(text)")
            #expect(isEqual(document.value, values), "\(text)")
            for member in document.value.members {
                let written = try #require(document.text(of: member.name), "\(text)")
                #expect(text.contains(written))
                #expect(isEqual(member.value, try #require(foundation(written))), "\(text)")
            }
            // What is written again is the same value.
            #expect(try self.read(document.value.description.utf8) == document.value, "\(text)")
            read += 1
        }
        #expect(read > 500 && refused > 500, "\(read) read, \(refused) refused")
    }

    @Test(
        "refuses what is not JSON in UTF-8, and says where",
        arguments: [
            (#"{"a":4,}"#, "a name in quotes is expected at byte 7"), (#"["a",]"#, "a value is expected at byte 5"),
            (#"{"a":1,"a":2}"#, "a name is repeated at byte 7"),
            (#"{"a":1,"\u0061":2}"#, "a name is repeated at byte 7"),
            ("", "a value is expected at byte 0"), ("[1] x", "the end of the text is expected at byte 4"),
            ("01", "the end of the text is expected at byte 1"), ("nul", "a value is expected at byte 0"),
            ("NaN", "a value is expected at byte 0"), ("1e999", "a number is out of range at byte 0"),
            ("'a'", "a value is expected at byte 0"), ("\"a\nb\"", "a control character must be escaped at byte 2"),
            (#""\ud800x""#, "a surrogate is not paired at byte 7"),
            (#""\udc00""#, "a surrogate is not paired at byte 7"),
            ("/* */1", "a value is expected at byte 0"), ("[1 2]", "',' or ']' is expected at byte 3"),
            (#"{"a" 1}"#, "':' is expected at byte 5"), ("\u{FEFF}1", "a byte order mark is not allowed at byte 0"),
        ])
    func refusals(text: String, reason: String) {
        #expect {
            try read(text.utf8)
        } throws: {
            ($0 as? JSONError)?.text == reason
        }
    }

    @Test("refuses other encodings, in which a check of bytes and a parser could read different texts")
    func otherEncodings() throws {
        let text = #"{"recommendation_id":1,"comment":"∀","b":[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]}"#
        for encoding in [String.Encoding.utf16LittleEndian, .utf16BigEndian, .utf32LittleEndian, .utf16] {
            let bytes = try #require(text.data(using: encoding))
            #expect(throws: JSONError.self) { try read(bytes) }
        }
        let invalid: [[UInt8]] = [
            [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xE2, 0x88],
        ]
        for bytes in invalid {
            #expect(throws: JSONError("the text is not UTF-8", at: nil)) { try read(bytes) }
        }
    }

    @Test("stops at each limit")
    func limits() throws {
        var limits = JSONLimits(bytes: 1000)
        (limits.depth, limits.values, limits.members) = (4, 50, 10)
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        func object(_ members: Int) -> String {
            "{" + (0..<members).map { "\"m\($0)\":1" }.joined(separator: ",") + "}"
        }
        func list(_ values: Int) -> String { "[" + Array(repeating: "1", count: values).joined(separator: ",") + "]" }
        for (inside, beyond) in [
            (nested(4), nested(5)), (list(49), list(50)), (object(10), object(11)),
            ("\"\(String(repeating: "x", count: 998))\"", "\"\(String(repeating: "x", count: 999))\""),
        ] {
            #expect(throws: Never.self) { try read(inside.utf8, limits: limits) }
            #expect(throws: JSONError.self) { try read(beyond.utf8, limits: limits) }
        }
        // Neither depth nor the number of names costs more than the bytes that they take.
        #expect(throws: JSONError.self) { try read([UInt8](repeating: UInt8(ascii: "["), count: 1 << 20)) }
        limits = JSONLimits(bytes: 1 << 20)
        limits.members = 100_000
        limits.values = 200_000
        #expect(try read(object(25_000).utf8, limits: limits).members.count == 25_000)
    }

    @Test(
        "reads numbers that a double or a 64-bit integer holds",
        arguments: [
            ("9223372036854775807", JSON.integer(.max)), ("-1", .integer(-1)), ("-0", .integer(0)),
            ("9223372036854775808", .number(9_223_372_036_854_775_808)), ("1.0", .number(1)), ("1e308", .number(1e308)),
            ("1e-9999", .number(0)), ("0e9999999999", .number(0)), ("0.5E+1", .number(5)),
        ])
    func numbers(text: String, value: JSON) throws {
        #expect(try read(text.utf8) == value)
    }

    @Test("gives members as they were written, with their digits and their order")
    func rawText() throws {
        let text = #"{ "n" : 1.50 , "data" : { "z":1e2, "a" : [ 0.10 ] } }"#
        let document = try JSONDocument(Array(text.utf8), limits: JSONLimits(bytes: 1000))
        #expect(document.text(of: "n") == "1.50")
        #expect(document.text(of: "data") == #"{ "z":1e2, "a" : [ 0.10 ] }"#)
        #expect(document.text(of: "else") == nil)
    }

    @Test("writes every character so that it can be read", arguments: 0..<0x80 as Range<UInt32>)
    func characters(value: UInt32) throws {
        let text = "a\(Character(Unicode.Scalar(value) ?? " "))گ🌿"
        #expect(foundation(JSON.text(text).description) as? String == text)
        #expect(try read(JSON.text(text).description.utf8) == .text(text))
    }
}
