import Analytics
import Domain
import Store
import TestSupport

/// Computes and publishes the results of all stages, as a run would.
func publish(
    asOf: Day, in database: any ClinicStore, successRating: Rating = .defaultSuccess
) async throws -> Publication {
    let clinic = try database.clinic(asOf: asOf, in: .utc)
    let linked = LinkedClinic(clinic)
    let effectiveness = effectiveness(of: linked, successRating: successRating)
    var results = Results(asOf: asOf, herbs: clinic.herbs.termNames, conditions: clinic.conditions.termNames)
    results.effectiveness = effectiveness
    results.trends = effectiveness.tallies.mapValues { trends(of: $0) }
    results.cohorts = cohorts(of: linked, tallies: effectiveness.tallies[.cohort] ?? Keyed())
    results.scores = await scores(of: linked, tallies: effectiveness.tallies, successRating: successRating).scores
    let run = try database.beginRun(
        RunStart(
            job: "test", asOf: asOf, trigger: .manual, startedAt: Instant(seconds: 0), softwareVersion: "",
            modelVersion: "", settings: RunSettings()))
    return try database.publish(results, of: clinic, run: run, at: Instant(seconds: 60))
}

extension TestClinic {
    /// Patients with a diagnosis of seven recommendations, each of which was rated.
    static func ranked(patients: Int, until last: Day) -> Self {
        var clinic = TestClinic()
        var random = TestRandom(3)
        for number in 0..<patients {
            let patient = clinic.patient(born: 1950 + number % 50)
            var recommendations = [clinic.recommendation("h", for: "c", to: patient, on: last - 10)]
            let diagnosis = DiagnosisID(rawValue: Int64(number + 1))
            for herb in 1..<7 {
                recommendations.append(clinic.recommendation("h\(herb)", in: diagnosis, on: last - 10))
            }
            for recommendation in recommendations {
                clinic.rate(recommendation, Int.random(in: 1...5, using: &random), on: last - 5)
            }
        }
        return clinic
    }
}
