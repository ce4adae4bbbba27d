import Foundation
import Testing
import TestSupport

@testable import Web

/// What is taken for a JSON object is what Foundation takes for one, and its values are told as they were written.
struct RawJSONObjectTests {
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

    @Test(arguments: 1...16) func whatFoundationReadsIsRead(seed: Int) throws {
        var random = TestRandom(seed)
        var (read, refused) = (0, 0)
        for _ in 0..<3000 {
            let text = text(&random)
            let known = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
            guard let object = RawJSONObject(text.utf8) else {
                // Foundation takes a comma before an end as well, and of a name that stands twice the first.
                let isTwice = known.map { text.matches(of: /"([^"\\]|\\.)*"\s*:/).count > $0.count } ?? true
                #expect(isTwice || text.contains(/,\s*[\]}]/), "\(text)")
                refused += 1
                continue
            }
            let values = try #require(known, "\(text)")
            for name in values.keys {
                let value = try #require(object[name], "\(text)")
                #expect(text.contains(value))
                let again = try JSONSerialization.jsonObject(with: Data("{\"v\":\(value)}".utf8)) as? NSDictionary
                #expect(again == NSDictionary(dictionary: ["v": values[name] as Any]), "\(text)")
                #expect((object.object(name) != nil) == (values[name] is [String: Any]), "\(text)")
            }
            read += 1
        }
        #expect(read > 500 && refused > 500, "\(read) read, \(refused) refused")
    }

    @Test func wholeNumbersAreTakenAsTheyAreWritten() throws {
        let text = #"{"a":9223372036854775807,"b":-1,"c":1.0,"d":"1","e":9223372036854775808,"f":1e0,"g":0}"#
        let object = try #require(RawJSONObject(text.utf8))
        #expect(
            ["a", "b", "c", "d", "e", "f", "g", "h"].map(object.integer) == [.max, -1, nil, nil, nil, nil, 0, nil])
    }

    @Test(arguments: [
        ("1e308", true), ("1e309", false), ("-1e309", false), ("1e-9999", true), ("0e9999999999", true),
        (String(repeating: "9", count: 308), true), (String(repeating: "9", count: 310), false),
        ("0." + String(repeating: "3", count: 400), true),
    ])
    func whatNoDoubleHoldsIsNoNumber(number: String, isNumber: Bool) {
        #expect((RawJSONObject("{\"a\":[\(number)]}".utf8) != nil) == isNumber)
    }

    @Test func whatLiesTooDeepIsRefused() {
        func nested(_ depth: Int) -> [UInt8] {
            Array(("{\"a\":" + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "}").utf8)
        }
        #expect(RawJSONObject(nested(500)) != nil)
        #expect(RawJSONObject(nested(100_000)) == nil)
        #expect(RawJSONObject([UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)) == nil)
    }
}
