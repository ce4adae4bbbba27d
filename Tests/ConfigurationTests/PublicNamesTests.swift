import Configuration
import Domain
import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30))) struct PublicNamesTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func names(_ yaml: String) throws -> PublicNames {
        try PublicNames(contentsOf: URL(filePath: folder.write(yaml, to: "names.yaml")))
    }

    @Test("maps any spelling of a name to the name that is shown")
    func reads() throws {
        let names = try names("herbs:\n  گل‌گاوزبان: Borage\n  Mint: نعنا\nconditions:\n  Mint: Mint allergy\n")
        #expect(names.name(ofHerb: TextKey("گل گاوزبان")) == "Borage")
        #expect(names.name(ofHerb: TextKey("mint")) == "نعنا")
        #expect(names.name(ofCondition: TextKey("MINT")) == "Mint allergy")
        #expect(names.name(ofCondition: TextKey("گل گاوزبان")) == nil)
        #expect(try PublicNames(contentsOf: URL(filePath: folder.write("", to: "empty.yaml"))) == PublicNames())
    }

    @Test(
        "names the line and key of what is wrong",
        arguments: [
            ("herb:\n  a: b", ":1: herb: is no known key; did you mean 'herbs'?"),
            ("herbs:\n  a: b\n  A: c", ":3: herbs.A: is another spelling of 'a'; keep one of them"),
            ("herbs:\n  a: x\n  b: X", ":3: herbs.b: has the public name 'X', which leads to 'a' as well"),
            ("herbs:\n  a: b\n  b: c", ":2: herbs.a: has the public name 'b', which leads to 'b' as well"),
            ("conditions:\n  a: ", ":2: conditions.a: is missing"),
            ("herbs:\n  \"\u{0640}\": b", "is not a name: it has nothing to compare"),
            ("herbs:\n  a: \"\u{0640}\"", "must be a name of at most 200 characters with a letter"),
            ("herbs:\n  a: \(String(repeating: "x", count: 201))", "must be a name of at most 200 characters"),
            ("herbs:\n  a: \"x\\u0007y\"", ":2: has the character U+0007"), ("herbs: [a]", "must be a mapping"),
        ])
    func refuses(yaml: String, expected: String) {
        let error = #expect(throws: DefinitionError.self) { try names(yaml) }
        #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
    }

    @Test("a name may lead back to its own key")
    func ownKey() throws {
        #expect(try names("herbs:\n  saffron: Saffron\n").name(ofHerb: TextKey("SAFFRON")) == "Saffron")
    }
}
