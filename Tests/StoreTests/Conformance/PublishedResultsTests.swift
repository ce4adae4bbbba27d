import Analytics
import Domain
import Store
import TestSupport
import Testing

/// Published results are read one by one as they are read together, with what held before them.
@Suite(.timeLimit(.minutes(30))) struct PublishedResultsTests {
    private let folder: TemporaryFolder
    private let last = day("2026-10-20")
    private static let clinic = TestClinic.random(
        3, patients: 20, recommendations: 60, feedback: 400, until: day("2026-10-20"))

    init() throws { folder = try TemporaryFolder() }

    @Test("nothing is published before the first run", arguments: StorageEngine.all)
    func nothing(engine: StorageEngine) throws {
        try engine.open(with: Self.clinic, in: folder).readClinic { _, results throws in
            #expect(try results.origins().isEmpty && results.priors().isEmpty && results.cohorts().count == 0)
            #expect(try results.tallies(at: .overall).count == 0 && results.tallies(at: .overall, of: .all) == nil)
            #expect(try results.trend(at: .overall, of: .all) == nil && results.rankedRecommendations().isEmpty)
            #expect(try results.ranking(of: DiagnosisID(rawValue: 1)).isEmpty && results.patientPublication() == nil)
        }
    }

    @Test("single subjects and diagnoses have what whole levels have", arguments: StorageEngine.all)
    func single(engine: StorageEngine) async throws {
        let database = try engine.open(with: Self.clinic, in: folder)
        _ = try await publish(asOf: last, in: database)
        try database.readPublished { results in
            for level in Level.allCases {
                let (tallies, trends) = (try results.tallies(at: level), try results.trends(at: level))
                var (keys, values): ([Subject], [WindowTallies]) = ([], [])
                try results.forEachTally(at: level) { subject, value in
                    keys.append(subject)
                    values.append(value)
                }
                #expect(Keyed(keys: keys, values: values) == tallies && !keys.isEmpty)
                for (subject, value) in zip(tallies.keys, tallies.values) {
                    #expect(try results.tallies(at: level, of: subject) == value)
                    #expect(try results.trend(at: level, of: subject) == trends[subject])
                }
            }
            let places = try results.rankedRecommendations()
            #expect(places.map(\.recommendation) == places.map(\.recommendation).sorted() && !places.isEmpty)
            for diagnosis in Self.clinic.diagnoses.map(\.id) {
                let own = places.filter { $0.prediction.diagnosis == diagnosis }
                #expect(
                    try results.ranking(of: diagnosis) == own.sorted { $0.prediction.rank < $1.prediction.rank })
                #expect(try results.isCurrent(diagnosis))
            }
            for (term, name) in try results.names().herbs.sorted { #expect(try results.herb(term) == name) }
        }
    }

    @Test("a ranking is not current once anything of its diagnosis was written", arguments: StorageEngine.all)
    func current(engine: StorageEngine) async throws {
        let database = try engine.open(with: Orders.clinic, in: folder)
        _ = try await publish(asOf: last, in: database)
        func current() throws -> [Bool] {
            try database.readPublished { results in
                try (1...2).map { try results.isCurrent(DiagnosisID(rawValue: $0)) }
            }
        }
        #expect(try current() == [true, true])
        try database.write(.submit([draft(1)]))
        #expect(try current() == [false, true])
        let new = Recommendation(
            id: .init(rawValue: 0), diagnosis: .init(rawValue: 2), herb: "thyme", createdAt: Orders.noon)
        try database.write(.addRecommendations([NewRecord(id: nil, record: new)]), by: .admin)
        #expect(try current() == [false, false])
        _ = try await publish(asOf: last, in: database)
        #expect(try current() == [true, true])
    }

    @Test("past predictions follow each other to the present one", arguments: StorageEngine.all)
    func past(engine: StorageEngine) async throws {
        var clinic = Orders.clinic
        let database = try engine.open(with: clinic, in: folder)
        var rankings: [[RankedRecommendation]] = []
        for offset in 0..<3 {
            clinic.rate(RecommendationID(rawValue: 1), 5 - 2 * offset, on: last + offset)
            try clinic.write(to: database)
            _ = try await publish(asOf: last + offset, in: database)
            rankings.append(try database.readPublished { try $0.ranking(of: DiagnosisID(rawValue: 1)) })
        }
        let past = try database.readPublished { try $0.pastPredictions(of: DiagnosisID(rawValue: 1)) }
        #expect(past.map(\.prediction) == rankings.map { $0[0].prediction })
        #expect(past.map(\.since) == [last, last + 1, last + 2] && past.map(\.until) == [last + 1, last + 2, nil])
        #expect(try database.readPublished { try $0.pastPredictions(of: DiagnosisID(rawValue: 99)) }.isEmpty)
    }

    @Test("patients see the view that was published last, and what it replaced", arguments: StorageEngine.all)
    func patientView(engine: StorageEngine) throws {
        let database = try engine.open(with: Orders.clinic, in: folder)
        let clinic = try database.clinic(asOf: last, in: .utc)
        let recommendation = RecommendationID(rawValue: 1)
        func place(_ tenths: Int8?, _ similar: SimilarShare?) -> PatientPrediction {
            PatientPrediction(rank: 1, tenths: tenths, experience: .some, basis: .treatment, similar: similar)
        }
        func publish(_ prediction: PatientPrediction?, on day: Day) throws {
            var results = Results(asOf: day - 1, herbs: clinic.herbs.termNames, conditions: clinic.conditions.termNames)
            let rows = prediction.map { [$0] } ?? []
            results.patientView = PatientView(
                day: day, predictions: Keyed(keys: rows.map { _ in recommendation }, values: rows))
            _ = try database.publish(results, of: clinic, run: RunID(rawValue: 1), at: Orders.noon)
        }
        func seen() throws -> [PatientPlace] {
            try database.readAsPatient { _, view in try view.patientRanking(of: DiagnosisID(rawValue: 1)) }
        }
        #expect(try database.readAsPatient { _, view in try view.patientPublication() } == nil && seen().isEmpty)
        let (first, second) = (place(7, nil), place(nil, .few))
        try publish(first, on: last)
        #expect(try seen() == [PatientPlace(recommendation: recommendation, prediction: first)])
        try publish(second, on: last + 1)
        #expect(try seen() == [PatientPlace(recommendation: recommendation, prediction: second)])
        try publish(nil, on: last + 2)
        #expect(try seen().isEmpty)
        try database.readAsPatient { _, view throws in
            let publication = PatientPublication(day: last + 2, asOf: last + 1, publishedAt: Orders.noon)
            #expect(try view.patientPublication() == publication)
            let past = try view.pastPatientPredictions(of: DiagnosisID(rawValue: 1))
            #expect(past.map(\.prediction) == [first, second])
            #expect(past.map(\.since) == [last, last + 1] && past.map(\.until) == [last + 1, last + 2])
        }
        #expect(try database.readPublished { try $0.patientPublication() }?.day == last + 2)
    }

    @Test(
        "cases are read by id, from one day to another, with notes where they are asked for",
        arguments: StorageEngine.all)
    func cases(engine: StorageEngine) throws {
        let zone = try #require(ClinicTimeZone(identifier: "Asia/Tehran"))
        var clinic = Self.clinic
        for index in clinic.feedback.indices where index % 3 == 0 {
            clinic.feedback[index].comment = "c\(index)"
            clinic.feedback[index].sideEffects = ["a", "b"]
            clinic.feedback[index].compliance = Compliance(0.25)
            // Half an hour before midnight in UTC is of the next day in Tehran.
            clinic.feedback[index].createdAt = Instant(seconds: clinic.feedback[index].createdAt.seconds + 41_400)
        }
        let database = try engine.open(with: clinic, in: folder)
        try database.readPublished { results in
            for (first, upTo) in [(nil, last), (last - 20, last - 3), (last - 1, last - 1)] as [(Day?, Day)] {
                let expected = clinic.feedback.filter { feedback in
                    let day = zone.day(of: feedback.createdAt)
                    return feedback.deletedAt == nil && day <= upTo && first.map { day >= $0 } != false
                }
                for notes in [false, true] {
                    var cases: [FeedbackCase] = []
                    try results.forEachCase(from: first, upTo: upTo, in: zone, notes: notes) { cases.append($0) }
                    #expect(cases.map(\.id) == expected.map(\.id) && !cases.isEmpty)
                    #expect(cases.map(\.rating) == expected.map(\.rating.value))
                    #expect(cases.map(\.comment) == expected.map { notes ? $0.comment : nil })
                    #expect(cases.map(\.sideEffects) == expected.map { notes && $0.comment != nil ? "a;b" : nil })
                    #expect(cases.map(\.compliance) == expected.map { $0.comment == nil ? nil : 0.25 })
                }
                if first == nil { #expect(try results.caseCount(upTo: upTo, in: zone) == expected.count) }
            }
        }
    }
}
