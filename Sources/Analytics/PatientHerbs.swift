import Domain

/// The newest case of each patient on each herb, ordered by patient: what similar patients are chosen from, and what
/// distinct patients are counted by.
struct PatientHerbs: Sendable {
    /// Position of the patient.
    private(set) var patient: [Int32] = []
    /// Position of the herb.
    private(set) var herb: [Int32] = []
    /// Position of the newest case: by instant, then by feedback id.
    private(set) var newestCase: [Int32] = []

    init(_ linked: LinkedClinic) {
        let parts = inParts(linked.clinic.patients.ids.count) { Self(of: $0, in: linked) }
        let count = parts.reduce(0) { $0 + $1.count }
        patient.reserveCapacity(count)
        herb.reserveCapacity(count)
        newestCase.reserveCapacity(count)
        for part in parts {
            patient.append(contentsOf: part.patient)
            herb.append(contentsOf: part.herb)
            newestCase.append(contentsOf: part.newestCase)
        }
    }

    private init(of patients: Range<Int>, in linked: LinkedClinic) {
        let (diagnoses, recommendations, cases) = (linked.diagnoses, linked.recommendations, linked.cases)
        let herbs = linked.clinic.recommendations.herb
        let times = linked.clinic.cases.createdAt
        for patient in patients {
            let first = count
            for diagnosis in diagnoses.range(of: patient) {
                for index in recommendations.range(of: Int(diagnoses.members[diagnosis])) {
                    let recommendation = Int(recommendations.members[index])
                    let own = cases.range(of: recommendation)
                    guard !own.isEmpty else { continue }
                    // A patient has few herbs, so that looking through them is faster than a table.
                    var place = first
                    while place < count, herb[place] != herbs[recommendation] { place += 1 }
                    if place == count {
                        self.patient.append(Int32(patient))
                        herb.append(herbs[recommendation])
                        newestCase.append(cases.members[own.lowerBound])
                    }
                    for index in own {
                        let (known, position) = (newestCase[place], cases.members[index])
                        // A later position has a greater feedback id.
                        if (times[Int(known)], known) < (times[Int(position)], position) {
                            newestCase[place] = position
                        }
                    }
                }
            }
        }
    }

    var count: Int { patient.count }
}
