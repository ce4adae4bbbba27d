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
        let parts = inParts(linked.clinic.patients.ids.count) { patients in
            var part = Self()
            for patient in patients { part.add(Int32(patient), linked) }
            return part
        }
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

    private init() {}

    private mutating func add(_ patient: Int32, _ linked: LinkedClinic) {
        let first = count
        for diagnosis in linked.diagnoses[Int(patient)] {
            for recommendation in linked.recommendations[Int(diagnosis)] {
                let herb = linked.clinic.recommendations.herb[Int(recommendation)]
                for position in linked.cases[Int(recommendation)] {
                    guard let known = (first..<count).first(where: { self.herb[$0] == herb }) else {
                        self.patient.append(patient)
                        self.herb.append(herb)
                        newestCase.append(position)
                        continue
                    }
                    let times = linked.clinic.cases.createdAt
                    if (times[Int(newestCase[known])], newestCase[known]) < (times[Int(position)], position) {
                        newestCase[known] = position  // a later position has a greater feedback id
                    }
                }
            }
        }
    }

    var count: Int { patient.count }
}
