import Domain
import TestSupport
import Testing

@testable import Analytics

/// The results of single changes. That any mix of changes gives the results of a full run is tested where runs are.
@Suite(.timeLimit(.minutes(30))) struct IncrementalClinicTests {
    private static let today = day("2026-10-20")
    private static let version = ClinicVersion(lastImport: 1, lastEntry: 9)

    /// Five patients with one recommendation each of saffron for insomnia, whose diagnoses are inactive without new feedback;
    /// all but the last were rated 100 days ago.
    private static var records: TestClinic {
        var clinic = TestClinic()
        for number in 0..<5 {
            let patient = clinic.patient(.garmTar, sex: .female, born: 1980)
            let recommendation = clinic.recommendation("saffron", for: "insomnia", to: patient, on: today - 120)
            if number < 4 { clinic.rate(recommendation, 5, on: today - 100) }
        }
        return clinic
    }

    private func incremental(_ records: TestClinic) throws -> IncrementalClinic {
        IncrementalClinic(try records.columns(asOf: Self.today), zone: .utc, successRating: .defaultSuccess)
    }

    /// Applies the feedback of `after`, all of which it must take.
    private func apply(_ after: TestClinic, to clinic: inout IncrementalClinic) -> [ClinicChange] {
        let changes = after.feedback.map { ClinicChange.feedback($0) }
        let isApplied = changes.map { clinic.apply($0) }
        #expect(!isApplied.contains(false))
        return changes
    }

    /// What feedback touches, compared with a full computation of the records that it leads to.
    private func touched(from before: TestClinic, to after: TestClinic) throws -> TouchedResults {
        var clinic = try incremental(before)
        let changed = TestClinic.onlyFeedback(of: after, unlike: before)
        let results = clinic.touched(by: apply(changed, to: &clinic), upTo: Self.version)
        let full = effectiveness(
            of: LinkedClinic(try after.columns(asOf: Self.today)), successRating: .defaultSuccess)
        #expect(results.priors == full.priors)
        for level in Level.allCases {
            let tallies = full.tallies[level] ?? Keyed()
            #expect(results.tallies[level]?.isEmpty == false)
            for row in results.tallies[level] ?? [] { #expect(row.value == tallies[row.key], "\(level)") }
            let trends = trends(of: tallies)
            for row in results.trends[level] ?? [] { #expect(row.value == trends[row.key], "\(level)") }
        }
        return results
    }

    // MARK: Tallies, trends and cohorts

    @Test("feedback that is added touches its recommendation and all that it is counted in, with their trends")
    func added() throws {
        var after = Self.records
        for stars in [1, 1, 2, 1, 1] { after.rate(RecommendationID(rawValue: 1), stars, on: Self.today - 3) }
        let results = try touched(from: Self.records, to: after)
        #expect(results.asOf == Self.today && results.version == Self.version)
        #expect(results.tallies[.recommendation]?.map(\.key) == [.recommendation(RecommendationID(rawValue: 1))])
        #expect(results.diagnoses == [RecommendationID(rawValue: 1): DiagnosisID(rawValue: 1)])
        let trend = try #require(results.trends[.overall]?.first?.value)
        #expect([trend.recentSamples, trend.recentSuccesses] == [5, 0])
        #expect(results.cohorts.map(\.value?.patients) == [4] && results.cohorts.map(\.value?.samples) == [9])
    }

    @Test("a cohort counts a patient once, from the first case to the withdrawal of the last")
    func cohortPatients() throws {
        let fifth = RecommendationID(rawValue: 5)
        var one = Self.records
        one.rate(fifth, 2, on: Self.today - 1)
        #expect(try touched(from: Self.records, to: one).cohorts.map(\.value?.patients) == [5])
        var two = one
        two.rate(fifth, 4, on: Self.today)
        #expect(try touched(from: one, to: two).cohorts.map(\.value?.patients) == [5])
        var withdrawn = two
        withdrawn.feedback[4].deletedAt = withdrawn.feedback[4].createdAt
        #expect(try touched(from: two, to: withdrawn).cohorts.map(\.value?.patients) == [5])
        withdrawn.feedback[5].deletedAt = withdrawn.feedback[5].createdAt
        #expect(try touched(from: two, to: withdrawn).cohorts.map(\.value?.patients) == [4])
    }

    @Test("an edit moves successes and trends, and counts no case")
    func edited() throws {
        var before = Self.records
        for _ in 0..<4 { before.rate(RecommendationID(rawValue: 2), 1, on: Self.today - 2) }
        var after = before
        for index in 4..<8 { after.feedback[index].rating = .defaultSuccess }
        let results = try touched(from: before, to: after)
        let overall = try #require(results.tallies[.overall]?.first?.value)
        #expect([overall.all.samples, overall.all.successes, overall.days30.successes] == [8, 8, 4])
        #expect(results.trends[.overall]?.first?.value?.recentSuccesses == 4)
    }

    @Test("what loses its last case has no tallies, trend or cohort any more")
    func removed() throws {
        var before = TestClinic()
        before.rate(
            before.recommendation("mint", for: "colic", to: before.patient(), on: Self.today), 5, on: Self.today)
        var after = before
        after.feedback[0].deletedAt = after.feedback[0].createdAt
        let results = try touched(from: before, to: after)
        for level in Level.allCases {
            #expect(results.tallies[level]?.map(\.value) == [nil] && results.trends[level]?.map(\.value) == [nil])
        }
        #expect(results.cohorts.map(\.value) == [nil])
    }

    // MARK: Records

    @Test("records in ascending order are added, with new terms, and take feedback")
    func newRecords() throws {
        let columns = try Self.records.columns(asOf: Self.today)
        var clinic = IncrementalClinic(columns, zone: .utc, successRating: .defaultSuccess)
        let noon = Instant(seconds: Int64(Self.today.daysSinceEpoch) * 86_400 + 43_200)
        let patient = Patient(id: PatientID(rawValue: 9), mizaj: .sardTar, sex: nil, birthYear: nil)
        let diagnosis = Diagnosis(
            id: DiagnosisID(rawValue: 9), patient: patient.id, condition: "Colic", symptoms: ["s"], createdAt: noon)
        let recommendation = Recommendation(
            id: RecommendationID(rawValue: 9), diagnosis: diagnosis.id, herb: "Mint", createdAt: noon)
        let feedback = Feedback(
            id: FeedbackID(rawValue: 9), recommendation: recommendation.id, rating: .defaultSuccess, improvement: nil,
            compliance: nil, sideEffects: [], comment: nil, createdAt: noon, deletedAt: nil)
        let (colic, mint) = (TermID(rawValue: 70), TermID(rawValue: 71))
        let changes: [ClinicChange] = [
            .patient(patient), .diagnosis(diagnosis, condition: colic, symptomSet: 4, symptoms: [72]),
            .recommendation(recommendation, herb: mint), .feedback(feedback),
        ]
        let isAdded = changes.map { clinic.apply($0) }
        #expect(isAdded == [true, true, true, true])
        // Sets of symptoms that it has not seen are empty.
        #expect(clinic.clinic.symptomSets.count == 4 && Array(clinic.clinic.symptomSets[3]) == [72])
        let results = clinic.touched(by: changes, upTo: Self.version)
        #expect(results.names.map(\.term) == [mint, colic] && results.names.map(\.name) == ["Mint", "Colic"])
        #expect(results.cohorts.map(\.key) == [.cohort(.sardTar, herb: mint, condition: colic)])
        #expect(results.ranked == [diagnosis.id] && results.places.map(\.recommendation) == [recommendation.id])
        #expect(try #require(clinic.predictions(of: diagnosis.id)).map(\.herb) == ["Mint"])

        // Once more, and nothing changes.
        let isKnown = changes.map { clinic.apply($0) }
        #expect(isKnown == [true, true, true, true])
        let again = clinic.touched(by: changes, upTo: Self.version)
        #expect(again.tallies[.overall]?.first?.value?.all.samples == 5)
    }

    @Test("what is out of order, or refers to nothing, calls for another reading")
    func refused() throws {
        var records = Self.records
        for index in records.patients.indices { records.patients[index].id = PatientID(rawValue: Int64(index * 2 + 2)) }
        for index in records.diagnoses.indices { records.diagnoses[index].patient = records.patients[index].id }
        var clinic = try incremental(records)
        let term = TermID(rawValue: 1)
        var patient = records.patients[0]
        patient.id = PatientID(rawValue: 3)
        var diagnosis = records.diagnoses[0]
        diagnosis.id = DiagnosisID(rawValue: 9)
        diagnosis.patient = PatientID(rawValue: 3)
        var recommendation = records.recommendations[0]
        recommendation.id = RecommendationID(rawValue: 9)
        recommendation.diagnosis = DiagnosisID(rawValue: 77)
        var feedback = records.feedback[0]
        feedback.id = FeedbackID(rawValue: 9)
        feedback.recommendation = RecommendationID(rawValue: 77)
        let refused: [ClinicChange] = [
            .patient(patient), .diagnosis(diagnosis, condition: term, symptomSet: 1, symptoms: []),
            .recommendation(recommendation, herb: term), .feedback(feedback),
        ]
        let isApplied = refused.map { clinic.apply($0) }
        #expect(isApplied == [false, false, false, false])
        // Withdrawn before it was read: it never counted.
        feedback.deletedAt = feedback.createdAt
        let isPassedOver = clinic.apply(.feedback(feedback))
        #expect(isPassedOver)
    }

    @Test("feedback of a later day does not count yet")
    func tomorrow() throws {
        var after = Self.records
        after.rate(RecommendationID(rawValue: 1), 1, on: Self.today + 1)
        var clinic = try incremental(Self.records)
        let changes = apply(.onlyFeedback(of: after, unlike: Self.records), to: &clinic)
        let results = clinic.touched(by: changes, upTo: Self.version)
        #expect(results.tallies[.overall]?.first?.value?.all.samples == 4)
    }

    // MARK: Predictions

    @Test("new feedback activates a diagnosis, whose predictions are new once")
    func predictions() throws {
        var after = Self.records
        after.rate(RecommendationID(rawValue: 1), 5, on: Self.today)
        var clinic = try incremental(Self.records)
        clinic.follow(Keyed(), on: Keyed())
        let changes = apply(.onlyFeedback(of: after, unlike: Self.records), to: &clinic)
        let results = clinic.touched(by: changes, upTo: Self.version)
        #expect(results.predictions.map(\.key) == [RecommendationID(rawValue: 1)])
        let published = try #require(results.predictions.first?.value)
        #expect((published.similarPatients, published.similarSuccesses) == (3, 3))
        #expect(published.rank == 1 && results.ranked == [DiagnosisID(rawValue: 1)] && results.evidence.count == 1)
        clinic.note(published: results, isNewest: true)
        let again = clinic.touched(by: changes, upTo: Self.version)
        #expect(again.predictions.isEmpty && again.evidence.isEmpty && again.ranked.isEmpty && again.places.isEmpty)
    }

    @Test("a diagnosis that is active no longer loses its published predictions")
    func inactive() throws {
        var before = Self.records
        before.rate(RecommendationID(rawValue: 1), 5, on: Self.today)
        var clinic = try incremental(before)
        let treatment = clinic.treatment(of: 0)
        let row = PublishedPrediction(
            diagnosis: DiagnosisID(rawValue: 1), treatment: treatment, similarPatients: 3, similarSuccesses: 3,
            rank: 1, lastPublishedScore: 0.5)
        clinic.follow(
            Keyed(keys: [RecommendationID(rawValue: 1)], values: [row]),
            on: Keyed(keys: [treatment], values: [HistoricalEvidence(basis: .treatment90, samples: 1, successes: 1)]))
        var after = before
        after.feedback[4].deletedAt = after.feedback[4].createdAt
        let changes = apply(.onlyFeedback(of: after, unlike: before), to: &clinic)
        let results = clinic.touched(by: changes, upTo: Self.version)
        #expect(results.predictions.map(\.key) == [RecommendationID(rawValue: 1)])
        #expect(results.predictions.map(\.value) == [nil] && results.evidence.map(\.value) == [nil])
        #expect(results.ranked == [DiagnosisID(rawValue: 1)] && results.places.isEmpty)
    }

    @Test("searches that were prepared find what searches without the cache find")
    func prepared() async throws {
        let columns = try TestClinic.random(
            5, patients: 60, recommendations: 150, feedback: 400, until: Self.today
        ).columns(asOf: Self.today)
        let plain = IncrementalClinic(columns, zone: .utc, successRating: .defaultSuccess)
        let prepared = await IncrementalClinic.prepared(columns, zone: .utc, successRating: .defaultSuccess)
        for position in columns.recommendations.ids.indices {
            let outcome = plain.similarPatients(for: Int32(position))
            #expect(prepared.similarPatients(for: Int32(position)) == outcome)
        }
    }

    @Test("a diagnosis that there is not has no predictions")
    func unknown() throws {
        #expect(try incremental(Self.records).predictions(of: DiagnosisID(rawValue: 99)) == nil)
    }
}

extension TestClinic {
    /// The feedback of a clinic that another has not, or has otherwise.
    fileprivate static func onlyFeedback(of clinic: Self, unlike other: Self) -> Self {
        var changed = Self()
        changed.feedback = clinic.feedback.filter { !other.feedback.contains($0) }
        return changed
    }
}
