import Domain
import TestSupport
import Testing

@testable import Analytics

@Suite(.timeLimit(.minutes(30))) struct TrendsTests {
    @Test func aRowForEachSubjectWithACaseInNinetyDays() throws {
        var clinic = TestClinic()
        let patient = clinic.patient()
        let last = day("2026-10-20")
        let old = clinic.recommendation("a", for: "c", to: patient, on: last - 200)
        let edge = clinic.recommendation("b", for: "c", to: patient, on: last - 200)
        clinic.rate(old, 5, on: last - 90)
        clinic.rate(edge, 5, on: last - 89)
        let rating = Rating.defaultSuccess
        let tallies = effectiveness(of: LinkedClinic(try clinic.columns(asOf: last)), successRating: rating).tallies
        let level = try #require(tallies[.recommendation])
        #expect(trends(of: level).keys == [.recommendation(edge)])
    }
}
