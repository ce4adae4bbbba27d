import Domain

/// Candidates for similar patients by mizaj and herb, and what searches among them found, as long as it holds.
///
/// Of each search the place of the last patient that counted is remembered: a candidate that changes matters only to those
/// searches within whose reach it was, or has come.
struct SimilarityMemory: Sendable {
    /// How a candidate changed.
    struct Change: Sendable {
        var old: CandidateList.Candidate?
        var new: CandidateList.Candidate?
    }

    private var lists: [Subject: CandidateList] = [:]
    private var known: [Subject: [Int32: SimilarPatients.Finding]] = [:]
    /// Recommendations for which something else may be found than what is published.
    private(set) var changed: Set<Int32> = []

    /// Adds a candidate whose patient is none yet.
    mutating func add(_ candidate: CandidateList.Candidate, to group: Subject) {
        lists[group, default: CandidateList()].append(candidate)
    }

    /// Puts a candidate in the place of the one of the same patient.
    mutating func replace(
        _ patient: Int32, with candidate: CandidateList.Candidate?, in group: Subject
    ) -> Change {
        Change(old: lists[group, default: CandidateList()].replace(patient, with: candidate), new: candidate)
    }

    /// Notes what a change of a candidate means for a recommendation of the group.
    mutating func note(
        _ change: Change, for recommendation: Int32, in group: Subject, features: PatientFeatures, _ sets: SymptomSets
    ) {
        guard change.old != change.new else { return }
        if let reach = known[group]?[recommendation]?.reach {
            let isNear = [change.old, change.new].contains { candidate in
                guard let candidate else { return false }
                let distance = PatientDistance.between(features, candidate.features, sets)
                return !(reach < Proximity(distance: distance, recency: candidate.recency))
            }
            guard isNear else { return }
        }
        known[group]?[recommendation] = nil
        changed.insert(recommendation)
    }

    /// The recommendations for which something is remembered.
    func remembered(in group: Subject) -> some Sequence<Int32> {
        (known[group] ?? [:]).keys
    }

    /// Notes for which recommendations something else is found than what is published.
    ///
    /// - Parameter isPublished: whether that is what is published for a recommendation.
    mutating func compare(_ isPublished: (Int32, SimilarPatients.Outcome) -> Bool) {
        for findings in known.values {
            for (recommendation, finding) in findings where !isPublished(recommendation, finding.outcome) {
                changed.insert(recommendation)
            }
        }
    }

    /// Notes that what is found is published.
    mutating func forgetChanges() { changed.removeAll() }

    /// What similar patients say.
    mutating func outcome(
        for recommendation: Int32, in group: Subject, features: PatientFeatures, patient: Int32, _ sets: SymptomSets
    ) -> SimilarPatients.Outcome {
        if let known = known[group]?[recommendation] { return known.outcome }
        let nearest = nearest(in: group, features: features, patient: patient, sets)
        remember(nearest.finding, for: recommendation, in: group)
        return nearest.finding.outcome
    }

    /// Remembers what a search found.
    mutating func remember(_ finding: SimilarPatients.Finding, for recommendation: Int32, in group: Subject) {
        known[group, default: [:]][recommendation] = finding
    }

    /// The most similar patients.
    func nearest(
        in group: Subject, features: PatientFeatures, patient: Int32, _ sets: SymptomSets
    ) -> CandidateList.Nearest {
        lists[group]?.nearest(to: features, of: patient, sets) ?? CandidateList.Nearest()
    }
}
