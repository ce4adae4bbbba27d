import Domain
import Statistics
import Testing

/// What patients see of predictions is coarse, as the definitions say.
@Suite(.timeLimit(.minutes(30))) struct PatientPredictionTests {
    private func prediction(score: Double = 0.5, similar: Int32 = 0, successes: Int32 = 0) -> Prediction {
        Prediction(
            diagnosis: DiagnosisID(rawValue: 1), basis: .treatment90, historicalSamples: 7, historicalSuccesses: 3,
            similarPatients: similar, similarSuccesses: successes, score: score, confidence: 0.9, rank: 3)
    }

    @Test(
        "the score is rounded to tenths, halves up",
        arguments: [
            (0.0, 0), (0.049, 0), (0.05, 1), (0.1499999999, 2), (0.149999999, 1), (0.15, 2), (0.35, 4), (0.449, 4),
            (0.65, 7),
            (0.949, 9), (0.95, 10), (1.0, 10), (0.6499999999, 7), (0.649999, 6),
        ] as [(Double, Int8)])
    func rounding(score: Double, tenths: Int8) {
        let seen = PatientPrediction(prediction(score: score), treatmentPatients: 20, herbPatients: 20)
        #expect(seen.tenths == tenths && seen.rank == 3)
    }

    @Test(
        "a score needs 20 patients of the treatment, else of the herb",
        arguments: [
            (0, 0, nil, .little, .herb), (19, 19, nil, .little, .herb), (19, 20, 5, .some, .herb),
            (0, 49, 5, .some, .herb), (3, 50, 5, .good, .herb), (20, 500, 5, .some, .treatment),
            (49, 49, 5, .some, .treatment), (50, 50, 5, .good, .treatment), (199, 900, 5, .good, .treatment),
            (200, 200, 5, .large, .treatment), (19, 200, 5, .large, .herb),
        ] as [(Int32, Int32, Int8?, Experience, ExperienceBasis)])
    func experience(
        treatment: Int32, herb: Int32, tenths: Int8?, experience: Experience, basis: ExperienceBasis
    ) {
        let seen = PatientPrediction(prediction(), treatmentPatients: treatment, herbPatients: herb)
        #expect(seen.tenths == tenths && seen.experience == experience && seen.basis == basis)
    }

    @Test(
        "similar patients show from 11 on, as most, about half or few",
        arguments: [
            (0, 0, nil), (10, 10, nil), (11, 11, .most), (11, 0, .few), (20, 13, .most), (20, 12, .aboutHalf),
            (20, 8, .aboutHalf), (20, 7, .few), (17, 11, .aboutHalf), (17, 12, .most), (17, 6, .aboutHalf),
            (17, 5, .few),
        ] as [(Int32, Int32, SimilarShare?)])
    func similar(patients: Int32, successes: Int32, share: SimilarShare?) {
        let seen = PatientPrediction(
            prediction(similar: patients, successes: successes), treatmentPatients: 0, herbPatients: 0)
        #expect(seen.similar == share)
    }
}
