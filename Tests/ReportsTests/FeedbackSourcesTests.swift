import Domain
import Store
import StoreSQLite
import Testing
import TestSupport

@testable import Reports

/// What reports say of the records themselves, against counting them one by one.
@Suite(.timeLimit(.minutes(30))) struct FeedbackSourcesTests {
    private let last = day("2026-10-20")

    private func cases(_ clinic: PublishedClinic) throws -> [FeedbackCase] {
        var cases: [FeedbackCase] = []
        try clinic.database.readPublished {
            try $0.forEachCase(from: nil, upTo: last, in: .utc, notes: true) { cases.append($0) }
        }
        return cases
    }

    @Test(arguments: 0..<5)
    func feedbackAgreesWithTheCasesAndWithEffectiveness(seed: Int) async throws {
        let clinic = try await PublishedClinic.random(seed, asOf: last)
        let all = try cases(clinic)
        for level in ["herb", "treatment", "overall", "cohort", "recommendation"] {
            let shown = try clinic.rows(
                "title: x\nfrom: feedback\nwhere: {level: \(level)}\ncolumns: [subject, window, samples, effectiveness, mean_rating, mean_improvement, interval]"
            )
            let published = try clinic.rows(
                "title: x\nfrom: effectiveness\nwhere: {level: \(level)}\ncolumns: [subject, window, samples, effectiveness, mean_rating, mean_improvement, interval]"
            )
            #expect(shown == published)
        }
        let totals = try clinic.rows(
            """
            title: x
            from: feedback
            where: {level: overall, window: "30"}
            columns: [samples, patients, with_side_effects, with_comment, rating_1, rating_2, rating_3, rating_4, rating_5]
            """)
        let recent = all.filter { $0.day > last - 30 }
        let ratings = (1...5).map { stars in Cell.integer(Int64(recent.count { $0.rating == stars })) }
        #expect(
            totals == [
                [
                    .integer(Int64(recent.count)), .integer(Int64(Set(recent.map(\.patient)).count)),
                    .integer(Int64(recent.count { $0.sideEffects != nil })),
                    .integer(Int64(recent.count { $0.comment != nil })),
                ] + ratings
            ])
    }

    @Test(arguments: [Language.english, .persian])
    func monthsAddUpToAllDays(language: Language) async throws {
        let clinic = try await PublishedClinic.random(7, asOf: last)
        let rows = try clinic.rows(
            "title: x\nfrom: ratings\nwhere: {level: overall}\ncolumns: [month, samples, successes]", language: language
        )
        let all = try cases(clinic)
        var finder = MonthFinder(language.calendar)
        #expect(rows.map(\.[0]) == Set(all.map { finder.month(of: $0.day) }).sorted().map { .month($0) })
        for row in rows {
            guard case .month(let month) = row[0] else { continue }
            let own = all.filter { finder.month(of: $0.day) == month }
            #expect(row[1] == .integer(Int64(own.count)))
            #expect(row[2] == .integer(Int64(own.count { $0.rating >= 4 })))
        }
    }

    @Test func sideEffectsAreCountedOncePerCaseWhateverTheirSpelling() async throws {
        var records = TestClinic()
        let patient = records.patient()
        let first = records.recommendation("a", for: "c", to: patient, on: last - 200)
        let second = records.recommendation("b", for: "c", to: patient, on: last - 20)
        records.rate(first, 1, on: last - 150, sideEffects: ["Nausea"])
        records.rate(first, 4, on: last - 10, sideEffects: ["nausea", "NAUSEA ", "itch"])
        records.rate(second, 5, on: last - 5)
        records.rate(second, 2, on: last - 5, sideEffects: ["itch"])
        records.rate(second, 2, on: last + 1, sideEffects: ["itch"])
        records.rate(second, 2, on: last - 1, deleted: true, sideEffects: ["itch"])
        let clinic = try await PublishedClinic(records, asOf: last)
        let yaml = "title: x\nfrom: side_effects\ncolumns: [herb, effect, cases, samples, rate, mean_rating]\n"
        #expect(
            try clinic.rows(yaml + "where: {level: herb, window: all}") == [
                [.text("a"), .text("Nausea"), .integer(2), .integer(2), .decimal(1), .decimal(2.5)],
                [.text("a"), .text("itch"), .integer(1), .integer(2), .decimal(0.5), .decimal(4)],
                [.text("b"), .text("itch"), .integer(1), .integer(2), .decimal(0.5), .decimal(2)],
            ])
        // The spelling is that of the first case of all, not of the window.
        #expect(
            try clinic.rows(yaml + "where: {level: overall, window: \"30\"}") == [
                [.empty, .text("itch"), .integer(2), .integer(3), .decimal(2.0 / 3), .decimal(3)],
                [.empty, .text("Nausea"), .integer(1), .integer(3), .decimal(1.0 / 3), .decimal(4)],
            ])
    }

    @Test func commentsAreThoseOfCasesThatHaveOne() async throws {
        let clinic = try await PublishedClinic.random(3, asOf: last)
        let rows = try clinic.rows(
            "title: x\nfrom: comments\ncolumns: [feedback_id, day, rating, comment]\nsort: [-day]")
        let expected = try cases(clinic).filter { $0.comment != nil }
        #expect(rows.count == expected.count)
        #expect(Set(rows.map { "\($0[0])" }) == Set(expected.map { "\(Cell.integer($0.id.rawValue))" }))
        let days = rows.compactMap { if case .day(let day) = $0[1] { day } else { nil } }
        #expect(days == days.sorted(by: >))
    }

    @Test func daysAreThoseOfTheRunsTimeZone() async throws {
        let tehran = try #require(ClinicTimeZone(identifier: "Asia/Tehran"))
        var records = TestClinic()
        let recommendation = records.recommendation("a", for: "c", to: records.patient(), on: last - 9)
        records.rate(recommendation, 5, on: last - 3, comment: "late")
        records.feedback[0].createdAt = instant("2026-10-17T22:00:00Z")
        let clinic = try await PublishedClinic(records, asOf: last, settings: RunSettings(timezone: tehran))
        #expect(
            try clinic.rows("title: x\nfrom: comments\ncolumns: [day]") == [[.day(day("2026-10-18"))]])
    }

    @Test(arguments: ["UTC", "Asia/Tehran", "Pacific/Kiritimati", "Pacific/Pago_Pago", "America/New_York"])
    func aSpanOfDaysHasTheCasesOfThoseDays(zone: String) throws {
        let zone = try #require(ClinicTimeZone(identifier: zone))
        let folder = try TemporaryFolder()
        let database = try openDatabase(at: folder.path("clinic.db"), create: true)
        var records = TestClinic()
        let recommendation = records.recommendation("a", for: "c", to: records.patient(), on: last - 9)
        for hour in 0..<24 * 8 {
            records.rate(recommendation, 5, on: last)
            records.feedback[hour].createdAt = Instant(
                seconds: Int64((last - 4).daysSinceEpoch) * 86_400 + Int64(hour) * 3600)
        }
        try records.write(to: database)
        let days = records.feedback.map { zone.day(of: $0.createdAt) }
        try database.readPublished { results in
            for (first, end) in [(last - 2, last), (last, last), (last - 1, last + 1)] {
                var seen: [Day] = []
                try results.forEachCase(from: first, upTo: end, in: zone, notes: false) { seen.append($0.day) }
                #expect(seen == days.filter { $0 >= first && $0 <= end })
                #expect(try results.caseCount(upTo: end, in: zone) == days.count { $0 <= end })
            }
        }
    }

    @Test func runsAreTheEarlierOnes() async throws {
        let clinic = try await PublishedClinic.random(1, asOf: last, feedback: 50)
        #expect(try clinic.rows("title: x\nfrom: runs").isEmpty)
        let results = try clinic.database.readPublished {
            try $0.runs(before: RunID(rawValue: clinic.run.rawValue + 1))
        }
        #expect(results.map(\.id) == [clinic.run])
        #expect(results.first?.digest == "0123456789abcdef")
    }
}
