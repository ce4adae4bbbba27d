public import Domain

/// The cohorts of mizaj, herb and condition over all days, with the number of distinct patients.
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

/// The number of distinct patients with a case in each cohort.
func distinctPatients(of linked: LinkedClinic) -> [Subject: Int32] {
    let clinic = linked.clinic
    let herbs = clinic.herbs.terms.count
    return concurrentChunks(linked.groups.count, minimumSize: 1) { groups in
        var counts: [Subject: Int32] = [:]
        // The last cohort in which each patient was counted.
        var counted = [Subject](repeating: Subject(rawValue: -1), count: clinic.patients.ids.count)
        for group in groups where !linked.groups.range(of: group).isEmpty {
            let members = linked.groups[group]
            let diagnoses = members.map { clinic.recommendations.diagnosis[Int($0)] }
            let byCondition = CSRIndex(
                diagnoses.map { clinic.diagnoses.condition[Int($0)] }, into: clinic.conditions.terms.count)
            for condition in 0..<byCondition.count {
                let cohort = Subject.cohort(
                    Mizaj.allCases[group / herbs], herb: clinic.herbs.terms[group % herbs],
                    condition: clinic.conditions.terms[condition])
                var patients: Int32 = 0
                for index in byCondition.range(of: condition) {
                    let patient = Int(clinic.diagnoses.patient[Int(diagnoses[Int(byCondition.members[index])])])
                    if counted[patient] != cohort {
                        counted[patient] = cohort
                        patients += 1
                    }
                }
                if patients > 0 { counts[cohort] = patients }
            }
        }
        return counts
    }.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: +) }
}
