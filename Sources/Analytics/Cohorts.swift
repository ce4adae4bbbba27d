public import Domain

/// The cohorts of mizaj, herb and condition over all days, with their distinct patients.
///
/// - Parameter tallies: the tallies of level `cohort`.
public func cohorts(of clinic: Clinic, tallies: Keyed<Subject, WindowTallies>) -> Keyed<Subject, Cohort> {
    let patients = distinctPatients(of: clinic)
    return Keyed(
        keys: tallies.keys,
        values: zip(tallies.keys, tallies.values).map { subject, tallies in
            Cohort(
                patients: patients[subject, default: 0], samples: tallies.all.samples,
                successes: tallies.all.successes)
        })
}

/// How many patients have a case in each cohort.
func distinctPatients(of clinic: Clinic) -> [Subject: Int32] {
    let diagnoses = clinic.diagnoses
    let recommendations = clinic.recommendations
    var hasCase = [Bool](repeating: false, count: recommendations.ids.count)
    for recommendation in clinic.cases.recommendation {
        hasCase[Int(recommendation)] = true
    }
    let byPatient = Groups(of: recommendations.ids.count, into: clinic.patients.ids.count) { position in
        hasCase[position] ? Int(diagnoses.patient[Int(recommendations.diagnosis[position])]) : -1
    }
    var counts: [Subject: Int32] = [:]
    var counted: Set<Subject> = []
    for patient in 0..<byPatient.count {
        counted.removeAll(keepingCapacity: true)
        for position in byPatient[patient] {
            let cohort = Subject.cohort(
                clinic.patients.mizaj[patient],
                herb: clinic.herbs.terms[Int(recommendations.herb[Int(position)])],
                condition: clinic.conditions.terms[
                    Int(diagnoses.condition[Int(recommendations.diagnosis[Int(position)])])])
            if counted.insert(cohort).inserted {
                counts[cohort, default: 0] += 1
            }
        }
    }
    return counts
}

extension Cohort {
    /// Share of the samples that are a success, 0…1.
    public var rate: Double { Double(successes) / Double(samples) }

    /// Wilson score interval of the rate at 95 %, inside 0…1.
    public var interval: ClosedRange<Double> {
        wilsonInterval(successes: Int(successes), samples: Int(samples))
    }
}
