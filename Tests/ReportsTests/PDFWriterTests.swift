import Domain
import Foundation
import Testing
import TestSupport

@testable import Reports

@Suite(.timeLimit(.minutes(30))) struct PDFWriterTests {
    private let last = day("2026-10-20")

    /// The text of each page of a report, as poppler finds it.
    private func pages(
        _ clinic: PublishedClinic, _ yaml: String, language: Language = .english, layout: Bool = true
    ) async throws -> [String] {
        let output = clinic.folder.url.appending(path: language.rawValue)
        _ = try clinic.report(yaml, language: language) { try $0.write(to: output, formats: [.pdf]) }
        let run = try await CommandRun.shell(
            "pdftotext \(layout ? "-layout" : "") \(language.rawValue)/r-\(last).pdf -", in: clinic.folder)
        #expect(run.status == 0, "\(run.errors)")
        let marks = Set("\u{200E}\u{200F}\u{61C}\u{202A}\u{202B}\u{202C}".unicodeScalars)
        let text = String(String.UnicodeScalarView(run.output.unicodeScalars.filter { !marks.contains($0) }))
        return text.split(separator: "\u{C}").map(String.init).filter { !$0.allSatisfy(\.isWhitespace) }
    }

    /// A clinic with a long comment of its own words on each feedback.
    private func talkative(_ count: Int, words: ClosedRange<Int>) async throws -> PublishedClinic {
        var random = TestRandom(count)
        var records = TestClinic()
        let recommendation = records.recommendation("نعناع", for: "سردرد", to: records.patient(), on: last - 40)
        for number in 0..<count {
            let filler = Array(repeating: "واژه", count: Int.random(in: words, using: &random)).joined(separator: " ")
            records.rate(
                recommendation, 1 + number % 5, on: last - number % 30,
                comment: "first\(number)x \(filler) last\(number)x")
        }
        return try await PublishedClinic(records, asOf: last)
    }

    private static let comments = "title: Comments\nfrom: comments\ncolumns: [day, rating, comment]"

    @Test func rowsAreNeverSplitAndTheHeaderStandsOnEachPage() async throws {
        let clinic = try await talkative(150, words: 0...80)
        for language in [Language.english, .persian] {
            let pages = try await pages(clinic, Self.comments, language: language)
            #expect(pages.count > 3)
            var seen = 0
            for page in pages {
                #expect(page.contains(language == .english ? "Comment" : "نظر"))
                for number in 0..<150 {
                    #expect(page.contains("first\(number)x") == page.contains("last\(number)x"), "row \(number)")
                    if page.contains("first\(number)x") { seen += 1 }
                }
            }
            #expect(seen == 150)
            // Poppler turns numbers between words of the other direction around.
            let total = language == .english ? /Rows shown: 150 of 150/ : /۱۵۰ *از *۱۵۰|از *۱۵۰/
            #expect(pages.last?.contains(total) == true)
        }
    }

    @Test func pagesAreCounted() async throws {
        let clinic = try await talkative(400, words: 1...2)
        let english = try await pages(clinic, Self.comments)
        for (number, page) in english.enumerated() {
            #expect(page.contains("Page \(number + 1) of \(english.count)"))
            #expect(page.contains("as of 2026-10-20 · digest 0123456789abcdef"))
        }
        let persian = try await pages(clinic, Self.comments, language: .persian)
        #expect(persian.first?.contains("۱۴۰۵/۰۷/۲۸") == true)
    }

    @Test func textComesBackInTheOrderInWhichItIsRead() async throws {
        var records = TestClinic()
        let names = [
            "سنبل‌الطیب", "گل گاوزبان", "سلامت بلا", "Rosa × damascena گل محمدی (ver. 2)", "الزعتر البري", "گل Rosa سرخ",
        ]
        for name in names {
            let recommendation = records.recommendation(name, for: "بی‌خوابی", to: records.patient(), on: last - 9)
            for stars in [5, 4, 1] { records.rate(recommendation, stars, on: last - 3) }
        }
        let clinic = try await PublishedClinic(records, asOf: last)
        let yaml = """
            title: {en: Herbs, fa: اثربخشی گیاهان به‌روز, ar: فعالية الأعشاب}
            from: effectiveness
            where: {level: treatment, window: all}
            columns: [herb, condition, samples]
            """
        for language in Language.allCases {
            for layout in [true, false] {
                let text = try await pages(clinic, yaml, language: language, layout: layout).joined()
                for name in names.prefix(3) + ["الزعتر البري", "بی‌خوابی"] { #expect(text.contains(name), "\(name)") }
                // Poppler puts what runs the other way where it stands on the page.
                for part in ["Rosa × damascena", "گل محمدی", "ver. 2", "Rosa", "سرخ"] {
                    #expect(text.contains(part), "\(part)")
                }
            }
        }
        #expect(try await pages(clinic, yaml, language: .persian).joined().contains("اثربخشی گیاهان به‌روز"))
        #expect(try await pages(clinic, yaml, language: .arabic).joined().contains("فعالية الأعشاب"))
    }

    @Test func withoutRowsThePageSaysSo() async throws {
        let clinic = try await PublishedClinic(TestClinic(), asOf: last)
        let yaml = "title: x\nfrom: effectiveness\nwhere: {level: herb}\ncharts: [{kind: bar, x: herb, y: adjusted}]"
        let pages = try await pages(clinic, yaml)
        #expect(pages.count == 1)
        #expect(pages[0].contains("There is nothing to show"))
        #expect(pages[0].contains("No rows pass these conditions."))
    }

    @Test func aNameOfAnyLengthIsShownOrEndsInAnEllipsis() async throws {
        var records = TestClinic()
        let long = Array(repeating: "گیاه", count: 5000).joined(separator: " ")
        let recommendation = records.recommendation(long, for: "c\n\u{7}\tc", to: records.patient(), on: last - 9)
        records.rate(recommendation, 5, on: last - 3)
        let clinic = try await PublishedClinic(records, asOf: last)
        let yaml = """
            title: x
            from: effectiveness
            where: {level: treatment, window: all}
            charts: [{kind: bar, x: [herb, condition], y: effectiveness}]
            """
        let pages = try await pages(clinic, yaml)
        #expect(pages.joined().contains("…"))
        #expect(pages.count <= 3)
    }

    @Test func wideTablesTurnThePage() async throws {
        let clinic = try await PublishedClinic.random(1, asOf: last, feedback: 200)
        func size(_ columns: String) async throws -> String {
            _ = try clinic.report("title: x\nfrom: effectiveness\nwhere: {level: herb}\ncolumns: [\(columns)]") {
                try $0.write(to: clinic.folder.url, formats: [.pdf])
            }
            return try await CommandRun.shell("pdfinfo r-\(last).pdf | grep 'Page size'", in: clinic.folder).output
        }
        #expect(try await size("herb, samples").contains("595.28 x 841.89 pts (A4)"))
        let all = Source.effectiveness.columns.map(\.name).joined(separator: ", ")
        #expect(try await size(all).contains("841.89 x 595.28 pts (A4)"))
    }

    @Test(arguments: Language.allCases)
    func theDocumentSaysItsTitleLanguageAndDirection(language: Language) async throws {
        let clinic = try await PublishedClinic.random(1, asOf: last, feedback: 100)
        let yaml = """
            title: {en: "Title (with) \\\\ signs", fa: عنوان, ar: عنوان}
            sections:
              - {name: a, title: {en: First, fa: یکم, ar: الأول}, from: cohorts}
              - {name: b, title: {en: Second, fa: دوم, ar: الثاني}, from: ratings, where: {level: overall}}
            """
        _ = try clinic.report(yaml, language: language) { try $0.write(to: clinic.folder.url, formats: [.pdf]) }
        let run = try await CommandRun.shell(
            "pdfinfo -isodates r-\(last).pdf; pdftohtml -xml -i -stdout r-\(last).pdf; pdffonts r-\(last).pdf | tail -n +3",
            in: clinic.folder)
        #expect(run.errors.isEmpty, "\(run.errors)")  // poppler finds nothing wrong with what was appended
        #expect(run.output.contains("CreationDate:    2026-10-20T00:00:00"))
        #expect(run.output.contains(language == .english ? "Title (with) \\ signs" : "عنوان"))
        let titles = [Language.english: ["First", "Second"], .persian: ["یکم", "دوم"], .arabic: ["الأول", "الثاني"]]
        for title in titles[language] ?? [] { #expect(run.output.contains(">\(title)</item>"), "\(run.output)") }
        let bytes = try Data(contentsOf: clinic.folder.url.appending(path: "r-\(last).pdf"))
        #expect(bytes.range(of: Data("/Lang (\(language.rawValue))".utf8)) != nil)
        #expect((bytes.range(of: Data("/Direction /R2L".utf8)) != nil) == (language != .english))
    }

    @Test func theSameRunIsTheSameBytes() async throws {
        let clinic = try await PublishedClinic.random(4, asOf: last, feedback: 300)
        let yaml = """
            title: x
            from: cohorts
            charts: [{kind: heatmap, x: herb, by: mizaj_type, y: rate}, {kind: bar, x: herb, y: samples}]
            """
        for format in ReportFormat.allCases {
            let files = try ["a", "b"].map { folder in
                _ = try clinic.report(yaml, language: .arabic) {
                    try $0.write(to: clinic.folder.url.appending(path: folder), formats: [format])
                }
                return try Data(contentsOf: clinic.folder.url.appending(path: "\(folder)/r-\(last).\(format.rawValue)"))
            }
            #expect(files[0] == files[1])
        }
    }
}
