import Domain
import Statistics

/// The patients to choose similar ones from: those of each mizaj and herb, each with the newest case.
struct CandidateGroups: Sendable {
    /// The newest case on a recommendation.
    private struct NewestCase {
        var instant: Instant
        var position: Int32
        var patient: Int32
        var diagnosis: Int32
        var isSuccess: Bool

        /// A later position has a greater feedback id.
        static func < (left: Self, right: Self) -> Bool {
            (left.instant, left.position) < (right.instant, right.position)
        }
    }

    /// What the distance looks at in each diagnosis, by position.
    let features: [PatientFeatures]
    private let groups: CSRIndex
    /// Those of the groups' members. They are laid out anew, since a group lies scattered over all records.
    private let cases: [NewestCase]
    private let patients: Int

    init(of linked: LinkedClinic, success: UInt8) {
        let (clinic, groups) = (linked.clinic, linked.groups)
        features = inParts(of: clinic.diagnoses.ids.count) { clinic.features(of: Int32($0)) }
        cases = [NewestCase](unsafeUninitializedCapacity: groups.members.count) { cases, initialized in
            nonisolated(unsafe) let cases = cases  // each part initializes the places of its own recommendations
            _ = inParts(clinic.recommendations.ids.count) { recommendations in
                var next = (0..<groups.count).map { group in
                    groups.range(of: group).firstPosition { Int(groups.members[$0]) >= recommendations.lowerBound }
                }
                for recommendation in recommendations {
                    guard let newest = Self.newestCase(of: recommendation, in: linked, success: success) else {
                        continue
                    }
                    let group = Int(linked.group(of: recommendation))
                    cases.initializeElement(at: next[group], to: newest)
                    next[group] += 1
                }
            }
            initialized = groups.members.count
        }
        self.groups = groups
        patients = clinic.patients.ids.count
    }

    private static func newestCase(of recommendation: Int, in linked: LinkedClinic, success: UInt8) -> NewestCase? {
        let (clinic, times) = (linked.clinic, linked.clinic.cases.createdAt)
        let own = linked.cases.range(of: recommendation)
        guard var position = own.first.map({ linked.cases.members[$0] }) else { return nil }
        for other in linked.cases.members[own] where times[Int(position)] <= times[Int(other)] { position = other }
        let diagnosis = clinic.recommendations.diagnosis[recommendation]
        return NewestCase(
            instant: times[Int(position)], position: position, patient: clinic.diagnoses.patient[Int(diagnosis)],
            diagnosis: diagnosis, isSuccess: clinic.cases.rating[Int(position)] >= success)
    }

    /// Where the newest case of each patient was met: reused from group to group, and never cleared.
    struct Seats {
        fileprivate var places: [Int32]
    }

    /// Seats for the groups that one core goes through.
    func seats() -> Seats { Seats(places: [Int32](repeating: -1, count: patients)) }

    /// The candidates of a group, no two of one patient.
    func candidates(of group: Int, _ seats: inout Seats) -> [CandidateIndex.Candidate] {
        let own = groups.range(of: group)
        for place in own {
            let patient = Int(cases[place].patient)
            let seat = Int(seats.places[patient])
            // A seat of another group is none.
            if !own.contains(seat) || cases[seat] < cases[place] { seats.places[patient] = Int32(place) }
        }
        return own.filter { seats.places[Int(cases[$0].patient)] == $0 }.map { place in
            let own = cases[place]
            return CandidateIndex.Candidate(
                features: features[Int(own.diagnosis)],
                recency: Recency(instant: own.instant, patient: own.patient), isSuccess: own.isSuccess)
        }
    }
}
