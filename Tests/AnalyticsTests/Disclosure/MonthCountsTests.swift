import Analytics
import Domain
import Store
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30))) struct MonthCountsTests {
    private let month = CalendarMonth(of: day("2026-11-01"))

    private func subject(_ herb: String, _ condition: String) -> ReleasedSubject {
        .treatment(herb: TextKey(herb), condition: TextKey(condition))
    }

    @Test("each patient counts once in each subject, with the newest case of the month")
    func newestCase() throws {
        var clinic = TestClinic()
        let (first, second) = (clinic.patient(), clinic.patient())
        let saffron = clinic.recommendation("saffron", for: "insomnia", to: first, on: day("2026-10-01"))
        let mint = clinic.recommendation("mint", for: "insomnia", to: first, on: day("2026-10-01"))
        let other = clinic.recommendation("Saffron", for: "pain", to: second, on: day("2026-10-01"))
        clinic.rate(saffron, 1, on: day("2026-11-20"))
        clinic.rate(saffron, 3, on: day("2026-11-10"))  // a higher id, but an earlier instant
        clinic.rate(mint, 5, on: day("2026-11-20"))  // the same instant, and a higher id
        clinic.rate(other, 2, on: day("2026-11-01"))
        clinic.rate(other, 4, on: day("2026-11-30"))
        clinic.rate(other, 5, on: day("2026-12-01"))  // another month
        clinic.rate(other, 5, on: day("2026-10-31"))
        clinic.rate(mint, 5, on: day("2026-11-25"), deleted: true)
        let counts = monthCounts(of: try clinic.columns(asOf: day("2026-12-20")), in: month)
        #expect(
            counts == [
                .overall: RatingCounts(counts: [0, 0, 0, 1, 1]),
                .herb(TextKey("saffron")): RatingCounts(counts: [1, 0, 0, 1, 0]),
                .herb(TextKey("mint")): RatingCounts(counts: [0, 0, 0, 0, 1]),
                .condition(TextKey("insomnia")): RatingCounts(counts: [0, 0, 0, 0, 1]),
                .condition(TextKey("pain")): RatingCounts(counts: [0, 0, 0, 1, 0]),
                subject("saffron", "insomnia"): RatingCounts(counts: [1, 0, 0, 0, 0]),
                subject("mint", "insomnia"): RatingCounts(counts: [0, 0, 0, 0, 1]),
                subject("saffron", "pain"): RatingCounts(counts: [0, 0, 0, 1, 0]),
            ])
        #expect(monthCounts(of: try clinic.columns(asOf: day("2026-12-20")), in: month - 2).isEmpty)
    }

    @Test("counts are those of a plain recount, in random clinics", arguments: 1...8)
    func recount(seed: Int) throws {
        let last = day("2026-12-10")
        let clinic = TestClinic.random(seed, patients: 15, recommendations: 60, feedback: 250, until: last)
        let counts = monthCounts(of: try clinic.columns(asOf: last), in: month)
        let diagnoses = Dictionary(uniqueKeysWithValues: clinic.diagnoses.map { ($0.id, $0) })
        let recommendations = Dictionary(uniqueKeysWithValues: clinic.recommendations.map { ($0.id, $0) })
        var newest: [ReleasedSubject: [PatientID: Feedback]] = [:]
        for feedback in clinic.feedback.sorted(by: { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) })
        where feedback.deletedAt == nil && CalendarMonth(of: ClinicTimeZone.utc.day(of: feedback.createdAt)) == month {
            let recommendation = try #require(recommendations[feedback.recommendation])
            let diagnosis = try #require(diagnoses[recommendation.diagnosis])
            let (herb, condition) = (TextKey(recommendation.herb), TextKey(diagnosis.condition))
            for subject in [
                .overall, .herb(herb), .condition(condition),
                ReleasedSubject.treatment(herb: herb, condition: condition),
            ] {
                newest[subject, default: [:]][diagnosis.patient] = feedback
            }
        }
        #expect(!newest.isEmpty)
        #expect(
            counts
                == newest.mapValues { patients in
                    RatingCounts(
                        counts: (1...5).map { stars in patients.values.count { $0.rating.value == stars } })
                })
    }
}
