import Analytics
import Domain

/// Scores one recommendation for each patient, in groups of the same mizaj and herb, beside comparing everyone in a group.
struct SimilarPatientsBenchmark {
    let patients: Int
    /// Groups are those of each mizaj and one of these.
    private let herbs = 2

    func run() async {
        let success = Rating.defaultSuccess
        let linked = LinkedClinic(clinic())
        let tallies = effectiveness(of: linked, successRating: success).tallies
        let start = ContinuousClock.now
        let comparisons = await scores(of: linked, tallies: tallies, successRating: success).comparisons
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let share = 100 * (1 - Double(comparisons.made) / Double(comparisons.avoidable))
        let sample = 200
        let everyone = comparingEveryone(for: sample, in: linked.clinic) / Double(sample) * Double(patients) / 2
        print(
            """
            Similar patients for \(patients) recommendations in \(Mizaj.allCases.count * herbs) groups of about \
            \(patients / Mizaj.allCases.count / herbs) patients: \(seconds.shown) s on two cores, \
            \(comparisons.made / patients) distances and bounds each, \(share.shown) % of the comparisons avoided. \
            Comparing everyone in the group would take \(Int(everyone)) s on two cores, by \(sample) of them: \
            \(Int(everyone / seconds)) times as long.
            """)
    }

    /// Seconds on one core for some recommendations, each by one pass over its group with the symptoms as bits.
    private func comparingEveryone(for count: Int, in clinic: Clinic) -> Double {
        let masks = (0..<clinic.symptomSets.count).map { set in
            clinic.symptomSets[set].reduce(UInt64(0)) { $0 | 1 << UInt64($1) }
        }
        let groups = Dictionary(grouping: clinic.recommendations.ids.indices) { position in
            clinic.patients.mizaj[position].ordinal * herbs + Int(clinic.recommendations.herb[position])
        }
        let start = ContinuousClock.now
        var successes = 0
        for own in stride(from: 0, to: patients, by: patients / count).prefix(count) {
            let group = clinic.patients.mizaj[own].ordinal * herbs + Int(clinic.recommendations.herb[own])
            var nearest: [(distance: Double, time: Int64, patient: Int)] = []
            for other in groups[group] ?? [] where other != own {
                let (left, right) = (
                    masks[Int(clinic.diagnoses.symptoms[own])], masks[Int(clinic.diagnoses.symptoms[other])]
                )
                let union = (left | right).nonzeroBitCount
                let isSame = clinic.patients.sex[own] == clinic.patients.sex[other]
                let distance =
                    (clinic.diagnoses.condition[own] == clinic.diagnoses.condition[other] ? 0 : 1)
                    + min(Double(abs(clinic.patients.birthYear[own] - clinic.patients.birthYear[other])) / 40, 1)
                    + (isSame ? 0 : 0.5) + 1
                    - (union == 0 ? 0 : Double((left & right).nonzeroBitCount) / Double(union))
                let entry = (distance, -clinic.cases.createdAt[other].microseconds, other)
                if nearest.count == 20 {
                    guard entry < nearest[19] else { continue }
                    nearest.removeLast()
                }
                nearest.insert(entry, at: nearest.firstIndex { entry < $0 } ?? nearest.count)
            }
            successes += nearest.count { clinic.cases.rating[$0.patient] >= 4 }
        }
        precondition(successes > 0, "some succeed")
        return (ContinuousClock.now - start) / .seconds(1)
    }

    private func clinic() -> Clinic {
        var random = SystemRandomNumberGenerator()
        let day = Day(daysSinceEpoch: 20_000)
        var clinic = Clinic(asOf: day)
        clinic.herbs.terms = (1...herbs).map { TermID(rawValue: Int64($0)) }
        clinic.herbs.names = (1...herbs).map { "herb \($0)" }
        clinic.conditions.terms = (102..<114).map { TermID(rawValue: $0) }
        clinic.conditions.names = (2..<14).map { "condition \($0)" }
        for _ in 0..<5000 {
            let symptoms = Set(
                (0..<Int.random(in: 0...4, using: &random)).map { _ in Int32.random(in: 1...40, using: &random) })
            clinic.symptomSets.append(symptoms.sorted())
        }
        for number in 0..<patients {
            let id = Int64(number + 1)
            clinic.patients.ids.append(PatientID(rawValue: id))
            clinic.patients.mizaj.append(Mizaj.allCases.randomElement(using: &random) ?? .motadel)
            clinic.patients.sex.append(Sex.allCases.randomElement(using: &random))
            clinic.patients.birthYear.append(Int16.random(in: 1940...2010, using: &random))
            clinic.diagnoses.ids.append(DiagnosisID(rawValue: id))
            clinic.diagnoses.patient.append(Int32(number))
            clinic.diagnoses.condition.append(Int32.random(in: 0..<12, using: &random))
            clinic.diagnoses.symptoms.append(Int32.random(in: 0..<5000, using: &random))
            clinic.diagnoses.createdOn.append(day)
            clinic.recommendations.ids.append(RecommendationID(rawValue: id))
            clinic.recommendations.diagnosis.append(Int32(number))
            clinic.recommendations.herb.append(Int32.random(in: 0..<Int32(herbs), using: &random))
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
