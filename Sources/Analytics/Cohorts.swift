public import Domain

/// The cohorts of mizaj, herb and condition over all days, with their distinct patients.
///
/// - Parameter tallies: the tallies of level `cohort`.
public func cohorts(of linked: LinkedClinic, tallies: Keyed<Subject, WindowTallies>) -> Keyed<Subject, Cohort> {
    let patients = distinctPatients(of: linked)
    return Keyed(
        keys: tallies.keys,
        values: zip(tallies.keys, tallies.values).map { subject, tallies in
            Cohort(
                patients: patients[subject, default: 0], samples: tallies.all.samples,
                successes: tallies.all.successes)
        })
}

/// How many patients have a case in each cohort.
func distinctPatients(of linked: LinkedClinic) -> [Subject: Int32] {
    inParts(linked.clinic.patients.ids.count) { patients in
        let (diagnoses, recommendations, cases) = (linked.diagnoses, linked.recommendations, linked.cases)
        let herbs = linked.clinic.recommendations.herb
        let conditions = linked.clinic.diagnoses.condition
        let terms = (herbs: linked.clinic.herbs.terms, conditions: linked.clinic.conditions.terms)
        let mizaj = linked.clinic.patients.mizaj
        var counts: [Subject: Int32] = [:]
        var counted: [Subject] = []
        for patient in patients {
            counted.removeAll(keepingCapacity: true)
            for diagnosis in diagnoses.range(of: patient).lazy.map({ Int(diagnoses.members[$0]) }) {
                for recommendation in recommendations.range(of: diagnosis).lazy.map({ Int(recommendations.members[$0]) }
                )
                where !cases.range(of: recommendation).isEmpty {
                    let cohort = Subject.cohort(
                        mizaj[patient], herb: terms.herbs[Int(herbs[recommendation])],
                        condition: terms.conditions[Int(conditions[diagnosis])])
                    // Few, so that looking through them is faster than a set.
                    guard !counted.contains(cohort) else { continue }
                    counted.append(cohort)
                    counts[cohort, default: 0] += 1
                }
            }
        }
        return counts
    }.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: +) }
}

extension Cohort {
    /// Share of the samples that are a success, 0…1.
    public var rate: Double { Double(successes) / Double(samples) }

    /// Wilson score interval of the rate at 95 %, inside 0…1.
    public var interval: ClosedRange<Double> {
        wilsonInterval(successes: Int(successes), samples: Int(samples))
    }
}
