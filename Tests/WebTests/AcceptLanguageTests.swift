import Domain
import Testing

@testable import Web

@Suite(.timeLimit(.minutes(5))) struct AcceptLanguageTests {
    @Test(
        "takes the language that is preferred of those that there are",
        arguments: [
            ("fa", .persian), ("fa-IR", .persian), ("AR", .arabic), ("de, fa;q=0.5, en;q=0.4", .persian),
            ("en;q=0.1, ar;q=0.9", .arabic), ("en;q=0.5, fa;q=0.5", .english), ("fa ; q = 0.2 , en", .english),
            ("fa;q=0, en;q=0.1", .english), ("fa;q=x, ar;q=0.1", .arabic), ("fa;level=1;q=0.1, en;q=0.2", .english),
        ] as [(String, Language)])
    func preferred(header: String, language: Language) {
        #expect(Language(accept: header) == language)
    }

    @Test("is nil where none of them is named", arguments: [nil, "", "*", "de", "fa;q=0", ";,;", "farsi"])
    func unknown(header: String?) {
        #expect(Language(accept: header) == nil)
    }

    @Test("looks at the first 20 languages alone")
    func longHeader() {
        let others = Array(repeating: "de", count: 19).joined(separator: ",")
        #expect(Language(accept: others + ",fa") == .persian)
        #expect(Language(accept: others + ",de,fa") == nil)
    }
}
