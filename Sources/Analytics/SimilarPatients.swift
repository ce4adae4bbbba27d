import Domain
import Statistics

/// Finds the outcome of a recommendation's herb in the 20 most similar patients.
///
/// Candidates are the patients of one mizaj with a case on one herb, each with the newest such case. Each such group
/// is laid out as a `CandidateIndex`, so that a search looks at the nearest few and not at all of them.
public struct SimilarPatients: Sendable {
    /// The outcome of the herb in the similar patients.
    public struct Outcome: Hashable, Sendable {
        /// Similar patients found, 0…20.
        public var patients: Int32
        /// Those of them whose case is a success.
        public var successes: Int32
    }

    /// The result of a search.
    struct Finding: Sendable {
        var outcome: Outcome
        /// The proximity of the last patient that counts; `nil` where fewer than 20 were found, so that any other would count.
        var reach: Proximity?
    }

    /// How much work the searches took.
    public struct Comparisons: Hashable, Sendable {
        /// Distances that were computed, between patients or between a patient and a bound of several.
        public var made: Int = 0
        /// Distances that comparing with everyone in the group would have taken.
        public var avoidable: Int = 0

        static func += (left: inout Self, right: Self) {
            left.made += right.made
            left.avoidable += right.avoidable
        }
    }

    private let linked: LinkedClinic
    private let symptoms: SymptomSignatures
    private let candidates: CandidateGroups

    private var clinic: Clinic { linked.clinic }

    init(in linked: LinkedClinic, successRating: Rating) {
        self.init(in: linked, CandidateGroups(of: linked, success: UInt8(successRating.value)))
    }

    init(in linked: LinkedClinic, _ candidates: CandidateGroups) {
        self.linked = linked
        self.candidates = candidates
        symptoms = SymptomSignatures(linked.clinic.symptomSets)
    }

    /// The outcome for each of the recommendations, given by position.
    func outcomes(for recommendations: [Int32]) async -> (outcomes: [Outcome], comparisons: Comparisons) {
        let (findings, comparisons) = await findings(for: recommendations)
        return (findings.map(\.outcome), comparisons)
    }

    /// What the searches find for each of the recommendations, given by position.
    func findings(for recommendations: [Int32]) async -> (findings: [Finding], comparisons: Comparisons) {
        let searches = CSRIndex(recommendations.map { linked.group(of: Int($0)) }, into: linked.groups.count)
        let searched = (0..<searches.count).filter { !searches[$0].isEmpty }
        let prepared = concurrentChunks(searched.count, minimumSize: 1) { positions in
            var scratch = candidates.scratch()
            return positions.map { position in
                let group = searched[position]
                // Equal searches are grouped.
                let searches = searches[group].map { search(for: recommendations[Int($0)], number: $0) }.sorted()
                let allHaveSymptoms = searches.allSatisfy { symptoms[$0.features.symptomSet].size > 0 }
                let candidates = candidates.candidates(of: group, using: &scratch)
                return (
                    candidates: Candidates(candidates, symptoms: symptoms, allHaveSymptoms: allHaveSymptoms),
                    searches: searches
                )
            }
        }.flatMap { $0 }
        // A group may have most of the searches, so the work is divided into equal chunks rather than by group.
        let chunks = prepared.flatMap { group in
            group.searches[...].chunks(of: 2048).map { (candidates: group.candidates, searches: $0) }
        }
        let found = await concurrentMap(chunks.count) { find(chunks[$0].searches, among: chunks[$0].candidates) }

        let nothing = Finding(outcome: Outcome(patients: 0, successes: 0), reach: nil)
        var findings = [Finding](repeating: nothing, count: recommendations.count)
        var comparisons = Comparisons()
        for (chunk, found) in zip(chunks, found) {
            for (search, finding) in zip(chunk.searches, found.findings) {
                findings[Int(search.number)] = finding
            }
            comparisons += found.comparisons
        }
        return (findings, comparisons)
    }

    /// One recommendation for which similar patients are sought.
    private struct Search: Comparable {
        let features: PatientFeatures
        let patient: Int32
        /// Its index among all searches.
        let number: Int32

        static func < (left: Self, right: Self) -> Bool {
            left.features != right.features ? left.features < right.features : left.number < right.number
        }
    }

    private func search(for recommendation: Int32, number: Int32) -> Search {
        let diagnosis = clinic.recommendations.diagnosis[Int(recommendation)]
        return Search(
            features: candidates.features[Int(diagnosis)], patient: clinic.diagnoses.patient[Int(diagnosis)],
            number: number)
    }

    private func find(
        _ searches: ArraySlice<Search>, among candidates: Candidates
    ) -> (findings: [Finding], comparisons: Comparisons) {
        // One more, since the patient of the search may be among them.
        var search = NearestSearch(PatientDistance.neighbours + 1, in: candidates.index, symptoms: symptoms)
        var searchRegardless = NearestSearch(
            PatientDistance.neighbours + 1, in: candidates.regardlessOfSymptoms, symptoms: symptoms)
        var previous: PatientFeatures?
        var nearest: [NearestSearch.Neighbour] = []
        let findings = searches.map { own in
            if own.features != previous {
                previous = own.features
                nearest =
                    symptoms[own.features.symptomSet].size == 0
                    ? searchRegardless.nearest(to: own.features) : search.nearest(to: own.features)
            }
            return Finding(nearest, of: own.patient)
        }
        let comparisons = Comparisons(
            made: search.comparisons + searchRegardless.comparisons,
            avoidable: searches.count * candidates.index.members.count)
        return (findings, comparisons)
    }
}

/// The candidates of a group, indexed for searches with symptoms and for searches without.
private struct Candidates {
    let index: CandidateIndex
    /// For searches without symptoms, to which all sets of symptoms are equally far.
    let regardlessOfSymptoms: CandidateIndex

    /// - Parameter allHaveSymptoms: whether all searches have symptoms.
    init(_ candidates: [CandidateIndex.Candidate], symptoms: SymptomSignatures, allHaveSymptoms: Bool) {
        index = CandidateIndex(candidates, symptoms: symptoms)
        guard !allHaveSymptoms, let none = symptoms.emptySet else {
            regardlessOfSymptoms = CandidateIndex([], symptoms: symptoms)
            return
        }
        regardlessOfSymptoms = CandidateIndex(
            candidates.map { candidate in
                var candidate = candidate
                candidate.features.symptomSet = none
                return candidate
            }, symptoms: symptoms)
    }
}

extension SimilarPatients.Finding {
    /// The nearest without the patient of the search.
    fileprivate init(_ nearest: [NearestSearch.Neighbour], of patient: Int32) {
        var found: Int32 = 0
        var successes: Int32 = 0
        var last: Proximity?
        for neighbour in nearest where neighbour.proximity.recency.patient != patient {
            guard found < PatientDistance.neighbours else { break }
            found += 1
            if neighbour.isSuccess { successes += 1 }
            last = neighbour.proximity
        }
        self.init(
            outcome: SimilarPatients.Outcome(patients: found, successes: successes),
            reach: found == PatientDistance.neighbours ? last : nil)
    }
}

extension ArraySlice {
    fileprivate func chunks(of size: Int) -> [ArraySlice] {
        stride(from: startIndex, to: endIndex, by: size).map { self[$0..<Swift.min($0 + size, endIndex)] }
    }
}
