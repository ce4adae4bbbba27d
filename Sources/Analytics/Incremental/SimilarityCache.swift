import Domain
import Statistics

/// The candidates for similar patients by mizaj and herb, and a cache of the findings of searches among them.
///
/// A finding is invalidated by its reach, the proximity of the last patient that counts: a candidate that changes matters only
/// to those searches within whose reach it was, or is now.
struct SimilarityCache: Sendable {
    /// How the candidate of a patient changed.
    struct Change: Sendable {
        var old: CandidateIndex.Candidate?
        var new: CandidateIndex.Candidate?
    }

    /// A search for the similar patients of a recommendation.
    struct Search: Sendable {
        /// Position of the recommendation.
        var recommendation: Int32
        /// The features of its diagnosis.
        var features: PatientFeatures
        /// Position of the patient.
        var patient: Int32
    }

    private struct Entry: Sendable {
        var finding: SimilarPatients.Finding
        var search: Search
    }

    /// The candidates of a mizaj and herb, and findings by position of the recommendation.
    private struct Group: Sendable {
        var candidates = CandidateList()
        /// By condition, the findings that no candidate of another condition can change.
        var withinCondition: [Int32: [Int32: Entry]] = [:]
        /// All other findings.
        var acrossConditions: [Int32: Entry] = [:]
    }

    private var groups: [Subject: Group] = [:]
    /// Recommendations whose finding may differ from what is published.
    private(set) var changed: Set<Int32> = []

    /// Adds the candidates of a group that has none yet.
    mutating func add(_ candidates: [CandidateIndex.Candidate], to group: Subject) {
        groups[group, default: Group()].candidates = CandidateList(candidates)
    }

    /// Applies a change of the candidate of a patient, and removes the findings that it invalidates.
    mutating func apply(_ change: Change, of patient: Int32, in group: Subject, _ sets: SymptomSets) {
        guard change.old != change.new else { return }
        if let old = change.old { groups[group]?.candidates.remove(old) }
        if let new = change.new { groups[group, default: Group()].candidates.insert(new) }
        guard let known = groups[group] else { return }
        let candidates = [change.old, change.new].compactMap { $0 }
        func invalidated(_ entries: [Int32: Entry]?) -> [Int32] {
            (entries ?? [:]).filter { _, entry in
                guard entry.search.patient != patient else { return false }
                guard let reach = entry.finding.reach else { return true }
                return candidates.contains { candidate in
                    let distance = PatientDistance.between(entry.search.features, candidate.features, sets)
                    return !(reach < Proximity(distance: distance, recency: candidate.recency))
                }
            }.map(\.key)
        }
        let within = Set(candidates.map(\.features.condition)).map { ($0, invalidated(known.withinCondition[$0])) }
        let across = invalidated(known.acrossConditions)
        remove(within, across, in: group)
    }

    private mutating func remove(
        _ within: [(condition: Int32, recommendations: [Int32])], _ across: [Int32], in group: Subject
    ) {
        for (condition, recommendations) in within {
            for recommendation in recommendations { groups[group]?.withinCondition[condition]?[recommendation] = nil }
            changed.formUnion(recommendations)
        }
        for recommendation in across { groups[group]?.acrossConditions[recommendation] = nil }
        changed.formUnion(across)
    }

    /// Adds the recommendations whose finding differs from what is published to `changed`.
    ///
    /// - Parameter isPublished: whether an outcome is what is published for a recommendation.
    mutating func compare(_ isPublished: (Int32, SimilarPatients.Outcome) -> Bool) {
        for group in groups.values {
            for entries in Array(group.withinCondition.values) + [group.acrossConditions] {
                for (recommendation, entry) in entries
                where !isPublished(recommendation, entry.finding.outcome) {
                    changed.insert(recommendation)
                }
            }
        }
    }

    /// Empties `changed`, once all findings are published.
    mutating func clearChanges() { changed.removeAll() }

    /// The cached finding of a search; `nil` where there is none.
    func finding(of search: Search, in group: Subject) -> SimilarPatients.Finding? {
        guard let group = groups[group] else { return nil }
        let within = group.withinCondition[search.features.condition]?[search.recommendation]
        return (within ?? group.acrossConditions[search.recommendation])?.finding
    }

    /// Caches the finding of a search.
    mutating func store(_ finding: SimilarPatients.Finding, of search: Search, in group: Subject) {
        let entry = Entry(finding: finding, search: search)
        if finding.reach?.isWithinCondition ?? false {
            groups[group, default: Group()].withinCondition[search.features.condition, default: [:]][
                search.recommendation] = entry
        } else {
            groups[group, default: Group()].acrossConditions[search.recommendation] = entry
        }
    }

    /// Searches for the most similar patients, without the cache.
    func nearest(of search: Search, in group: Subject, _ sets: SymptomSets) -> CandidateList.Nearest {
        groups[group]?.candidates.nearest(to: search.features, of: search.patient, sets) ?? CandidateList.Nearest()
    }
}
