import Analytics
import Domain

/// Scores one recommendation for each patient of a single group, in which everyone has the same mizaj and herb.
struct SimilarPatientsBenchmark {
    let patients: Int

    func run() async {
        let success = Rating.defaultSuccess
        let clinic = clinic()
        let tallies = effectiveness(of: LinkedClinic(clinic), successRating: success).tallies
        let start = ContinuousClock.now
        let comparisons = await scores(of: LinkedClinic(clinic), tallies: tallies, successRating: success).comparisons
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let share = 100 * (1 - Double(comparisons.made) / Double(comparisons.avoidable))
        print(
            """
            Similar patients of \(patients) recommendations in one group of \(patients) patients: \(seconds.shown) s, \
            \(comparisons.made / patients) distances each instead of \(patients), \
            \(share.shown) % of the comparisons avoided.
            """)
    }

    private func clinic() -> Clinic {
        var random = SystemRandomNumberGenerator()
        let day = Day(daysSinceEpoch: 20_000)
        var clinic = Clinic(asOf: day)
        clinic.herbs.terms = [TermID(rawValue: 1)]
        clinic.herbs.names = ["herb"]
        clinic.conditions.terms = (2..<14).map { TermID(rawValue: $0) }
        clinic.conditions.names = (2..<14).map { "condition \($0)" }
        for _ in 0..<5000 {
            let symptoms = Set(
                (0..<Int.random(in: 0...4, using: &random)).map { _ in Int32.random(in: 1...40, using: &random) })
            clinic.symptomSets.append(symptoms.sorted())
        }
        for number in 0..<patients {
            let id = Int64(number + 1)
            clinic.patients.ids.append(PatientID(rawValue: id))
            clinic.patients.mizaj.append(.motadel)
            clinic.patients.sex.append(Sex.allCases.randomElement(using: &random))
            clinic.patients.birthYear.append(Int16.random(in: 1940...2010, using: &random))
            clinic.diagnoses.ids.append(DiagnosisID(rawValue: id))
            clinic.diagnoses.patient.append(Int32(number))
            clinic.diagnoses.condition.append(Int32.random(in: 0..<12, using: &random))
            clinic.diagnoses.symptoms.append(Int32.random(in: 0..<5000, using: &random))
            clinic.diagnoses.createdOn.append(day)
            clinic.recommendations.ids.append(RecommendationID(rawValue: id))
            clinic.recommendations.diagnosis.append(Int32(number))
            clinic.recommendations.herb.append(0)
            clinic.recommendations.createdOn.append(day)
            clinic.cases.ids.append(FeedbackID(rawValue: id))
            clinic.cases.recommendation.append(Int32(number))
            clinic.cases.rating.append(UInt8.random(in: 1...5, using: &random))
            clinic.cases.improvement.append(0)
            clinic.cases.compliance.append(CaseColumns.unsaid)
            clinic.cases.createdAt.append(
                Instant(seconds: 1_700_000_000 + Int64.random(in: 0...86_400, using: &random)))
            clinic.cases.day.append(day)
        }
        return clinic
    }
}
