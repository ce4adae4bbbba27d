import Domain
import Foundation
import Testing
import TestSupport

@testable import Reports

@Suite(.timeLimit(.minutes(30))) struct CatalogueTests {
    /// Every key that the code asks for.
    private static let needed: Set<String> = {
        var keys = Set(Phrase.allCases.map { "text.\($0.rawValue)" })
        keys.formUnion(Source.allCases.flatMap { $0.columns.map { "column.\($0.name)" } })
        keys.formUnion(["column.\(Conditions.minimumSamplesKey)", "column.limit"])
        keys.formUnion(Source.allCases.map { "source.\($0.rawValue)" })
        keys.formUnion(FigureKind.allCases.map { "figure.\($0.rawValue)" })
        keys.formUnion(Words.allCases.flatMap { words in words.all.map { "\(words.rawValue).\($0)" } })
        return keys
    }()

    @Test(arguments: Language.allCases)
    func noKeyIsMissingAndNoneIsLeftOver(language: Language) {
        let texts = Catalogue.of(language).texts
        #expect(Self.needed.subtracting(texts.keys).sorted() == [])
        #expect(Set(texts.keys).subtracting(Self.needed).sorted() == [])
        #expect(texts.values.allSatisfy { !$0.trimmingCharacters(in: .whitespaces).isEmpty })
    }

    @Test(arguments: Language.allCases)
    func everyTextHasThePlacesOfTheEnglishOne(language: Language) {
        func places(_ text: String?) -> [String] {
            (text ?? "").matches(of: /\{([a-z]+)(:[^}]+)?\}/).map { String($0.output.1) }.sorted()
        }
        for (key, text) in Catalogue.of(.english).texts {
            #expect(places(Catalogue.of(language).texts[key]) == places(text), "\(key)")
        }
    }

    @Test(arguments: [Language.persian, .arabic])
    func textsAreWrittenInTheScriptOfTheLanguage(language: Language) {
        for (key, text) in Catalogue.of(language).texts where !["column.p_value", "column.q_value"].contains(key) {
            #expect(text.unicodeScalars.contains { (0x600...0x6FF).contains($0.value) } || key == "text.of", "\(key)")
            #expect(!text.contains(/[0-9]/), "\(key) has Latin digits")
        }
    }

    @Test(arguments: [
        (Language.english, 0, "of 0 treatments tested"), (.english, 1, "of 1 treatment tested"),
        (.english, 2, "of 2 treatments tested"), (.persian, 1, "از ۱ درمان آزموده"), (.persian, 5, "از ۵ درمان آزموده"),
        (.arabic, 1, "من علاج مختبر واحد"), (.arabic, 2, "من علاجين مختبرين"), (.arabic, 5, "من ٥ علاجات مختبرة"),
        (.arabic, 11, "من ١١ علاجا مختبرا"), (.arabic, 100, "من ١٠٠ علاج مختبر"),
        (.arabic, 103, "من ١٠٣ علاجات مختبرة"),
    ])
    func countsAreInflected(language: Language, count: Int, words: String) {
        let formatter = CellFormatter(language)
        let text = formatter.catalogue.text(
            .figureTested, ["tested": formatter.count(count)], counts: ["tested": count])
        #expect(text.hasPrefix(words), "\(text)")
    }

    @Test(arguments: Language.allCases) func noTextShowsANumberBesideAPluralThatDoesNotFollowIt(language: Language) {
        let nouns = ["cases", "treatments", "patients", "rows", "حالة", "علاج"]
        for (key, text) in Catalogue.of(language).texts {
            for noun in nouns { #expect(!text.contains("} \(noun)"), "\(key)") }
        }
    }

    @Test func eachFileIsALanguage() throws {
        let files = try FileManager.default.contentsOfDirectory(
            atPath: Repository.root.appending(path: "Sources/Reports/Resources").path)
        #expect(files.sorted() == Language.allCases.map { "\($0.rawValue).yaml" }.sorted())
    }
}
