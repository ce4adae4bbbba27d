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

    init(_ clinic: Clinic) {
        let cases = clinic.cases
        let recommendations = clinic.recommendations
        let byPatient = Groups(of: cases.count, into: clinic.patients.ids.count) {
            Int(clinic.diagnoses.patient[Int(recommendations.diagnosis[Int(cases.recommendation[$0])])])
        }
        // Where the patient at hand already has the herb, the place it stands at.
        var place = [Int32](repeating: -1, count: clinic.herbs.terms.count)
        for current in 0..<byPatient.count {
            let first = Int32(patient.count)
            for position in byPatient[current] {
                let herb = recommendations.herb[Int(cases.recommendation[Int(position)])]
                let known = place[Int(herb)]
                if known < first {
                    place[Int(herb)] = Int32(patient.count)
                    patient.append(Int32(current))
                    self.herb.append(herb)
                    newestCase.append(position)
                } else if cases.createdAt[Int(position)] >= cases.createdAt[Int(newestCase[Int(known)])] {
                    newestCase[Int(known)] = position  // a later position has a greater feedback id
                }
            }
        }
    }

    var count: Int { patient.count }
}
