import Configuration
import Domain
import Foundation
import Testing
import TestSupport

/// What a definition, mapping or settings file must not hold, whatever the keys are.
@Suite(.timeLimit(.minutes(30)))
struct DefinitionScanTests {
    /// Each line doubles the one before; as keys, a tree of it has to be hashed.
    private static func expanding(asKeys: Bool) -> String {
        let lines = (1...24).map { line in
            asKeys
                ? "? &k\(line) [*k\(line - 1), *k\(line - 1)]\n: 1"
                : "k\(line): &k\(line) [*k\(line - 1), *k\(line - 1)]"
        }
        return (asKeys ? "? &k0 [a, b]\n: 1\n" : "k0: &k0 [a, b]\n") + lines.joined(separator: "\n")
    }

    private static let refused: [(yaml: String, line: Int, reason: String)] = [
        (expanding(asKeys: false), 1, "has the anchor '&k0'"),
        (expanding(asKeys: true), 1, "has the anchor '&k0'"),
        ("title: x\na: &anchor 1\n", 2, "has the anchor '&anchor'"),
        ("title: x\na: &anchor {b: 1}\n", 2, "has the anchor '&anchor'"),
        ("title: x\n&key a: 1\n", 2, "has the anchor '&key'"),
        ("title: x\n\na: *nothing\n", 3, "has the alias '*nothing'"),
        ("title: x\na: [1, *nothing]\n", 2, "has the alias '*nothing'"),
        ("title: x\n*nothing : 1\n", 2, "has the alias '*nothing'"),
        ("title: x\n<<: {a: 1}\n", 2, "has the merge key '<<'"),
        ("title: x\na:\n  <<: {b: 1}\n", 3, "has the merge key '<<'"),
        ("title: x\n? [a, b]\n: 1\n", 2, "has a list or mapping as a key"),
        ("title: x\n{a: b}: 1\n", 2, "has a list or mapping as a key"),
        ("title: x\n---\ntitle: y\n", 2, "begins a second document"),
        ("title: x\n...\n---\n", 3, "begins a second document"),
        ("title: x\na: " + String(repeating: "[", count: 500_000), 2, "is nested more than 16 levels deep"),
        ("title: x\na: " + String(repeating: "{a: ", count: 200_000), 2, "is nested more than 16 levels deep"),
        (
            (0..<40).map { String(repeating: " ", count: $0) + "a:\n" }.joined(), 17,
            "is nested more than 16 levels deep"
        ),
        ("title: x\na: \(String(repeating: "y", count: 20_001))\n", 2, "has a value of 20001 bytes"),
        ("title: x\na: |\n  \(String(repeating: "گ", count: 10_001))\n", 2, "has a value of 20003 bytes"),
        ("a: [\n\(String(repeating: "1,\n", count: 100_001))]\n", 99_999, "has more than 100000 values"),
        ("title: \"a\\x1bb\"\n", 1, "has the character U+001B"),
        ("title: \"a\\0b\"\n", 1, "has the character U+0000"),
        ("title: \"a\\x9bb\"\n", 1, "has the character U+009B"),
        ("title: a\(noncharacter(0xFDD0))b\n", 1, "has the character U+FDD0"),
        ("title: a\(noncharacter(0x1FFFE))b\n", 1, "has the character U+1FFFE"),
    ]

    @Test(arguments: refused.indices) func isRefusedWithItsLine(position: Int) throws {
        let (yaml, line, reason) = Self.refused[position]
        let error = try #require(throws: DefinitionError.self) { try Definition(text: yaml, file: "f.yaml") }
        #expect(error.place == "f.yaml:\(line)")
        #expect(error.reason.hasPrefix(reason), "\(error)")
        #expect(!error.description.contains("\n"))
        #expect(error.status == .configuration)
    }

    /// What only looks like one of these.
    @Test(arguments: [
        "a: '*not an alias'", "a: \"&not an anchor\"", "a: x & y * z", "a: |\n  *text\n  &text\n  <<: text",
        "a: 1 # &comment *comment", "'<<': text", "a: '<<'", "--- # the first\na: 1\n...", "%YAML 1.1\n---\na: 1",
        "a: [1, [2, [3]]]", "a: \"tab\\there\"", "a: گل‌گاوزبان 🌿", "",
    ])
    func isRead(yaml: String) throws {
        #expect(throws: Never.self) { try Definition(text: yaml, file: "f.yaml") }
    }
}
