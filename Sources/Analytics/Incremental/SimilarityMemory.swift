import Domain
import Statistics

/// Candidates for similar patients by mizaj and herb, and what searches among them found, as long as it holds.
///
/// Of each search the place of the last patient that counted is remembered: a candidate that changes matters only to those
/// searches within whose reach it was, or has come.
struct SimilarityMemory: Sendable {
    /// How a candidate changed.
    struct Change: Sendable {
        var old: CandidateIndex.Candidate?
        var new: CandidateIndex.Candidate?
    }

    /// For whom is searched.
    struct Search: Sendable {
        /// Position of the recommendation.
        var recommendation: Int32
        /// Those of its diagnosis.
        var features: PatientFeatures
        /// Position of the patient.
        var patient: Int32
    }

    private struct Known: Sendable {
        var finding: SimilarPatients.Finding
        var search: Search
    }

    /// Candidates of a mizaj and herb, and what was found for recommendations, by position.
    private struct Group: Sendable {
        var candidates = CandidateList()
        /// By condition, where nobody of another condition is as near as the last who counts.
        var near: [Int32: [Int32: Known]] = [:]
        /// All others.
        var far: [Int32: Known] = [:]
    }

    private var groups: [Subject: Group] = [:]
    /// Recommendations for which something else may be found than what is published.
    private(set) var changed: Set<Int32> = []

    /// Adds the candidates of a group that has none yet.
    mutating func add(_ candidates: [CandidateIndex.Candidate], to group: Subject) {
        groups[group, default: Group()].candidates = CandidateList(candidates)
    }

    /// Takes up how the candidate of a patient changed, and forgets what that makes doubtful.
    mutating func take(_ change: Change, of patient: Int32, in group: Subject, _ sets: SymptomSets) {
        guard change.old != change.new else { return }
        if let old = change.old { groups[group]?.candidates.remove(old) }
        if let new = change.new { groups[group, default: Group()].candidates.insert(new) }
        guard let known = groups[group] else { return }
        let candidates = [change.old, change.new].compactMap { $0 }
        func doubtful(_ known: [Int32: Known]?) -> [Int32] {
            (known ?? [:]).filter { _, known in
                guard known.search.patient != patient else { return false }
                guard let reach = known.finding.reach else { return true }
                return candidates.contains { candidate in
                    let distance = PatientDistance.between(known.search.features, candidate.features, sets)
                    return !(reach < Proximity(distance: distance, recency: candidate.recency))
                }
            }.map(\.key)
        }
        let near = Set(candidates.map(\.features.condition)).map { ($0, doubtful(known.near[$0])) }
        let far = doubtful(known.far)
        forget(near, far, in: group)
    }

    private mutating func forget(
        _ near: [(condition: Int32, recommendations: [Int32])], _ far: [Int32], in group: Subject
    ) {
        for (condition, recommendations) in near {
            for recommendation in recommendations { groups[group]?.near[condition]?[recommendation] = nil }
            changed.formUnion(recommendations)
        }
        for recommendation in far { groups[group]?.far[recommendation] = nil }
        changed.formUnion(far)
    }

    /// Notes for which recommendations something else is found than what is published.
    ///
    /// - Parameter isPublished: whether that is what is published for a recommendation.
    mutating func compare(_ isPublished: (Int32, SimilarPatients.Outcome) -> Bool) {
        for group in groups.values {
            for known in Array(group.near.values) + [group.far] {
                for (recommendation, known) in known where !isPublished(recommendation, known.finding.outcome) {
                    changed.insert(recommendation)
                }
            }
        }
    }

    /// Notes that what is found is published.
    mutating func forgetChanges() { changed.removeAll() }

    /// What a search found; `nil` where that is not remembered.
    func finding(of search: Search, in group: Subject) -> SimilarPatients.Finding? {
        guard let group = groups[group] else { return nil }
        let near = group.near[search.features.condition]?[search.recommendation]
        return (near ?? group.far[search.recommendation])?.finding
    }

    /// Remembers what a search found.
    mutating func remember(_ finding: SimilarPatients.Finding, of search: Search, in group: Subject) {
        let known = Known(finding: finding, search: search)
        if finding.reach?.isWithinCondition ?? false {
            groups[group, default: Group()].near[search.features.condition, default: [:]][search.recommendation] = known
        } else {
            groups[group, default: Group()].far[search.recommendation] = known
        }
    }

    /// The most similar patients.
    func nearest(of search: Search, in group: Subject, _ sets: SymptomSets) -> CandidateList.Nearest {
        groups[group]?.candidates.nearest(to: search.features, of: search.patient, sets) ?? CandidateList.Nearest()
    }
}
