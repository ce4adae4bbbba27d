import Analytics
import Configuration
import Domain
import Foundation
import Logging
import Store
import StoreSQLite
import TestSupport
import Testing

@testable import Web

/// How released figures look over HTTP.
@Suite(.timeLimit(.minutes(30))) struct PublicFiguresTests {
    private let month = CalendarMonth(of: day("2026-11-01"))
    private let page = FigureQuestion.Page(limit: 100, start: 0)

    private func subject(_ herb: String, _ condition: String) -> ReleasedSubject {
        .treatment(herb: TextKey(herb), condition: TextKey(condition))
    }

    /// Releases of a month with the same number of patients for each rating.
    private func figures(
        _ patients: [ReleasedSubject: Int], names: String = "", minimum: Int = 50
    ) throws -> PublicFigures {
        let cells = patients.mapValues { RatingCounts(counts: [Int](repeating: $0 / 5, count: 5)) }
        let released = ReleasedMonth(
            month: month, epsilon: .standard, releasedAt: instant("2026-12-08T00:00:00Z"), entries: [], cells: cells)
        let folder = try TemporaryFolder()
        return PublicFigures(
            Releases(setup: ReleaseSetup(timezone: .utc, firstMonth: month), months: [released]),
            names: try PublicNames(contentsOf: URL(filePath: folder.write(names, to: "names.yaml"))),
            successRating: .defaultSuccess, minimum: minimum)
    }

    private func answer(_ question: PublicQuestion, _ figures: PublicFigures) throws -> String {
        PublicAnswer.figures(question, figures).answer.body
    }

    @Test("rates are in whole points, means in tenths, and limits are rounded outwards")
    func rounding() throws {
        let figures = try figures([.overall: 1000])
        // Wilson's interval of 400 of 1,000 is 0.3701 to 0.4307; the noise widens it by 0.0121.
        #expect(
            try answer(.overall, figures)
                == #"{"withheld":false,"exact":false,"released_until":"2026-11","figures":{"level":"overall","subject":"all","#
                + #""windows":{"last_month":\#(figure),"last_3_months":\#(figure),"all":\#(figure)}}}"#)
    }

    private let figure = #"{"patients":1000,"rate":0.4,"ci_low":0.35,"ci_high":0.45,"mean_rating":3.0}"#

    @Test("a subject that is unknown and one that is withheld are answered alike, byte for byte")
    func withheld() throws {
        let figures = try figures([.overall: 1000, .herb(TextKey("mint")): 45, .herb(TextKey("saffron")): 60])
        let unknown = try answer(.named(.herb, "unknown"), figures)
        #expect(try answer(.named(.herb, "mint"), figures) == unknown)
        #expect(try answer(.named(.condition, "saffron"), figures) == unknown)
        #expect(try answer(.treatments(ofCondition: "saffron"), figures) == unknown)
        #expect(try answer(.overall, .none) == unknown && unknown == PublicAnswer.withheld.answer.body)
        #expect(try answer(.named(.herb, " SAFFRON"), figures).contains(#""treatments":[]"#))
    }

    @Test("lists are sorted by name and hold only subjects with a figure in the window")
    func lists() throws {
        let figures = try figures([
            .overall: 500, subject("mint", "pain"): 60, subject("a|b", "pain"): 70, subject("fennel", "pain"): 20,
            subject("mint", "cold"): 80, .condition(TextKey("pain")): 150,
        ])
        #expect(
            figures.subjects(at: .treatment, in: .all).map(\.parts) == [
                ["a|b", "pain"], ["mint", "cold"], ["mint", "pain"],
            ])
        let text = try answer(.list(.treatment, .lastMonth, FigureQuestion.Page(limit: 1, start: 0)), figures)
        #expect(text.contains(#""subject":"a\\|b|pain""#) && text.contains(#""next_cursor":"1""#))
        let last = try answer(.list(.treatment, .lastMonth, FigureQuestion.Page(limit: 9, start: 2)), figures)
        #expect(last.contains(#""subject":"mint|pain""#) && last.contains(#""next_cursor":null"#))
        #expect(try answer(.treatments(ofCondition: "Pain"), figures).components(separatedBy: #""level""#).count == 3)
        #expect(try answer(.list(.herb, .all, page), figures).contains(#""subjects":[]"#))
    }

    @Test("public names are shown, and lead back to their subject; keys do as well")
    func names() throws {
        let names = "herbs:\n  mint: Spearmint\n  saffron: Fennel\nconditions:\n  pain: Aches"
        let figures = try figures(
            [
                .herb(TextKey("mint")): 60, .herb(TextKey("saffron")): 70, .herb(TextKey("fennel")): 80,
                .condition(TextKey("pain")): 90, subject("mint", "pain"): 55,
            ], names: names)
        let mint = try answer(.named(.herb, "mint"), figures)
        #expect(mint.contains(#""subject":"Spearmint""#) && mint.contains(#""subject":"Spearmint|Aches""#))
        #expect(try answer(.named(.herb, "SPEARMINT"), figures) == mint)
        // A name that is the key of another released herb is not used.
        #expect(figures.subject(.herb, named: "fennel")?.subject == .herb(TextKey("fennel")))
        #expect(figures.subject(.herb, named: "saffron")?.parts == ["saffron"])
        #expect(figures.subject(.condition, named: "aches")?.subject == .condition(TextKey("pain")))
    }

    @Test("answers are as their schemas say")
    func schemas() throws {
        let figures = try figures([.overall: 500, subject("mint", "pain"): 60, .herb(TextKey("mint")): 60])
        let subject = try #require(figures.subject(.herb(TextKey("mint"))))
        #expect(PublicSubject.schema.problems(of: subject.json, at: "") == [])
        let status = ServiceStatus(modelVersion: "m", releasedUntil: month).json
        #expect(ServiceStatus.schema.problems(of: status, at: "") == [])
    }

    @Test("the ledger is read anew where it changed, and everything is withheld where it is damaged")
    func changedLedger() throws {
        let folder = try TemporaryFolder()
        var settings = Settings()
        settings.releases.ledger = folder.url.appending(path: "l")
        let log = LogMessages()
        let desk = try ReleasedFigureCache(
            settings, beside: SQLiteDatabase(path: folder.path("clinic.db"), create: true),
            logger: Logger(label: "test") { _ in log })
        #expect(desk.figures(noted: NotedReleases()).subject(.overall) == nil)
        let ledger = ReleaseLedger(at: folder.path("l"))
        let released = try LedgerMonth(
            ReleasedMonth(
                month: month, epsilon: .standard, releasedAt: instant("2026-12-08T00:00:00Z"), entries: [],
                cells: [.overall: RatingCounts(counts: [20, 20, 20, 20, 20])]))
        try ledger.update(settingUp: ReleaseSetup(timezone: .utc, firstMonth: month)) { try $0.append(released) }
        #expect(desk.figures(noted: NotedReleases()).subject(.overall)?.figures[.all]?.patients == 100)
        #expect(desk.figures(noted: NotedReleases()).releasedUntil == month)
        // Of other figures than the database noted, nothing is shown.
        #expect(desk.figures(noted: NotedReleases(digests: [month: "other"])).subject(.overall) == nil)
        #expect(desk.figures(noted: NotedReleases(digests: [month: released.digest])).subject(.overall) != nil)
        try folder.write(try folder.read("l").replacing("\t20\t", with: "\t30\t"), to: "l")
        for _ in 0..<3 { #expect(desk.figures(noted: NotedReleases()).subject(.overall) == nil) }
        #expect(log.all.count == 1)
        #expect(log.all.first?.hasPrefix("public figures are withheld: ") == true)
    }
}
