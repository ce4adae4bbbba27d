import Domain
import Statistics

/// The candidates for similar patients: the patients of each mizaj and herb, each with the newest case.
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

    /// The features of each diagnosis, by position.
    let features: [PatientFeatures]
    private let groups: CSRIndex
    /// The newest case of each member of `groups`, copied in its order: the members of a group are scattered over all records.
    private let cases: [NewestCase]
    private let patients: Int

    init(of linked: LinkedClinic, success: UInt8) {
        let (clinic, groups) = (linked.clinic, linked.groups)
        features = concurrentArray(clinic.diagnoses.ids.count) { clinic.features(of: Int32($0)) }
        cases = [NewestCase](unsafeUninitializedCapacity: groups.members.count) { cases, initialized in
            nonisolated(unsafe) let cases = cases  // each chunk initializes the elements of its own recommendations
            _ = concurrentChunks(clinic.recommendations.ids.count) { recommendations in
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

    /// Scratch buffer: the index of each patient's newest case in the group at hand. It is reused from group to group and never
    /// cleared, so that an index outside the range of the group is stale.
    struct Scratch {
        fileprivate var newest: [Int32]
    }

    /// A scratch buffer for the groups that one core processes.
    func scratch() -> Scratch { Scratch(newest: [Int32](repeating: -1, count: patients)) }

    /// The candidates of a group, no two of one patient.
    func candidates(of group: Int, using scratch: inout Scratch) -> [CandidateIndex.Candidate] {
        let own = groups.range(of: group)
        for index in own {
            let patient = Int(cases[index].patient)
            let known = Int(scratch.newest[patient])
            // A stale index is of a previous group.
            if !own.contains(known) || cases[known] < cases[index] {
                scratch.newest[patient] = Int32(index)
            }
        }
        return own.filter { scratch.newest[Int(cases[$0].patient)] == $0 }.map { index in
            let own = cases[index]
            return CandidateIndex.Candidate(
                features: features[Int(own.diagnosis)],
                recency: Recency(instant: own.instant, patient: own.patient), isSuccess: own.isSuccess)
        }
    }
}
