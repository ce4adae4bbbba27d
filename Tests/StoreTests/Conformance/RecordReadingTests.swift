import Domain
import Store
import TestSupport
import Testing

/// Single records and pages of them are read as they were written.
@Suite(.timeLimit(.minutes(30))) struct RecordReadingTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static var clinic: TestClinic {
        var clinic = TestClinic.random(2, patients: 12, recommendations: 40, feedback: 90, until: day("2026-10-20"))
        for index in clinic.feedback.indices {
            clinic.feedback[index].improvement = index % 3 == 0 ? nil : Rating(index % 5 + 1)
            clinic.feedback[index].compliance = index % 4 == 0 ? nil : Compliance(Double(index % 8) / 7)
            clinic.feedback[index].sideEffects = index % 5 == 0 ? [] : ["سردرد", "nausea \(index)"]
            clinic.feedback[index].comment = index % 7 == 0 ? nil : "خوب; \"\(index)\""
        }
        return clinic
    }

    @Test("each record is read as it was written, and unknown numbers have none", arguments: StorageEngine.all)
    func single(engine: StorageEngine) throws {
        let clinic = Self.clinic
        try engine.open(with: clinic, in: folder).readClinic { records, _ throws in
            for patient in clinic.patients { #expect(try records.patient(patient.id) == patient) }
            for diagnosis in clinic.diagnoses {
                #expect(try records.diagnosis(diagnosis.id) == diagnosis)
                #expect(try records.patient(of: diagnosis.id) == diagnosis.patient)
            }
            for recommendation in clinic.recommendations {
                #expect(try records.recommendation(recommendation.id) == recommendation)
            }
            // Withdrawn feedback included.
            for feedback in clinic.feedback { #expect(try records.feedback(feedback.id) == feedback) }
            #expect(try records.patient(PatientID(rawValue: 99)) == nil)
            #expect(try records.diagnosis(DiagnosisID(rawValue: 99)) == nil)
            #expect(try records.recommendation(RecommendationID(rawValue: 99)) == nil)
            #expect(try records.feedback(FeedbackID(rawValue: 99)) == nil)
            #expect(try records.patient(of: DiagnosisID(rawValue: 99)) == nil)
            #expect(try records.patient(of: RecommendationID(rawValue: 99)) == nil)
            #expect(try records.summary(of: RecommendationID(rawValue: 99)) == nil)
        }
    }

    /// All pages that `read` gives, each after the last record of the page before.
    private func pages<Record>(_ read: (_ last: Record?) throws -> [Record]) rethrows -> [[Record]] {
        var pages: [[Record]] = []
        while true {
            let page = try read(pages.last?.last)
            if page.isEmpty { return pages }
            pages.append(page)
        }
    }

    @Test("pages follow each other by ascending id", arguments: StorageEngine.all, [1, 7, 40, 100])
    func pages(engine: StorageEngine, limit: Int) throws {
        let clinic = Self.clinic
        try engine.open(with: clinic, in: folder).readClinic { records, _ in
            let patients = try pages { try records.patients(after: $0?.id, limit: limit) }
            #expect(patients.flatMap { $0 } == clinic.patients && patients[0].count == min(limit, 12))
            let diagnoses = try pages { try records.diagnoses(after: $0?.id, limit: limit) }
            #expect(diagnoses.flatMap { $0 } == clinic.diagnoses && diagnoses[0].count == min(limit, 40))
            let recommendations = try pages { try records.recommendations(after: $0?.id, limit: limit) }
            #expect(recommendations.flatMap { $0 } == clinic.recommendations)
            for patient in clinic.patients {
                let own = try pages { try records.diagnoses(of: patient.id, after: $0?.id, limit: limit) }
                #expect(own.flatMap { $0 } == clinic.diagnoses.filter { $0.patient == patient.id })
            }
            for diagnosis in clinic.diagnoses {
                let recommendations = clinic.recommendations.filter { $0.diagnosis == diagnosis.id }
                #expect(try records.recommendations(of: diagnosis.id) == recommendations)
                let given = clinic.feedback.filter { feedback in
                    feedback.deletedAt == nil && recommendations.contains { $0.id == feedback.recommendation }
                }
                let newest = try pages { try records.feedback(of: diagnosis.id, before: $0?.id, limit: limit) }
                #expect(newest.flatMap { $0 } == given.reversed())
            }
        }
    }

    @Test("summaries are the sums of the feedback that was not withdrawn", arguments: StorageEngine.all)
    func summaries(engine: StorageEngine) throws {
        let clinic = Self.clinic
        let database = try engine.open(with: clinic, in: folder)
        // Some of them are kept as running sums from here on.
        try database.write(.submit([draft(1), draft(2), draft(3)]), by: .admin)
        try database.readClinic { records, _ in
            for recommendation in clinic.recommendations {
                let feedback = try records.feedback(on: recommendation.id)
                let summary = try #require(try records.summary(of: recommendation.id))
                #expect(summary.diagnosis == recommendation.diagnosis)
                #expect(summary.ratings == (1...5).map { stars in feedback.count { $0.rating.value == stars } })
                #expect(summary.tally.samples == Int32(feedback.count))
                #expect(summary.tally.ratingSum == Int32(feedback.map(\.rating.value).reduce(0, +)))
                let improvements = feedback.compactMap(\.improvement?.value)
                #expect(summary.tally.improvements == Int32(improvements.count))
                #expect(summary.tally.improvementSum == Int32(improvements.reduce(0, +)))
                let compliances = feedback.compactMap { $0.compliance.map { Int64($0.billionths) } }
                #expect(summary.tally.compliances == Int32(compliances.count))
                #expect(summary.tally.complianceSum == compliances.reduce(0, +))
                #expect(summary.sideEffectCount == Set(feedback.flatMap(\.sideEffects)).count)
                #expect(summary.newest == feedback.map(\.createdAt).max())
            }
        }
    }

    @Test("herbs and conditions are found in any spelling", arguments: StorageEngine.all)
    func terms(engine: StorageEngine) throws {
        try engine.open(with: Orders.clinic, in: folder).readClinic { records, _ throws in
            let saffron = try #require(try records.term("saffron", .herb))
            #expect(try records.term(" SAFFRON", .herb) == saffron)
            #expect(try records.term("saffron", .condition) == nil && records.term("thyme", .herb) == nil)
            #expect(try records.term("Insomnia", .condition) != nil)
        }
    }
}
