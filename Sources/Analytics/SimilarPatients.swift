import Domain

/// Finds, for a recommendation, how the herb did in the 20 most similar patients.
///
/// Candidates are the patients of one mizaj with a case on one herb, each with the newest such case. Each such group
/// is laid out as a `CandidateTree`, so that a search looks at the nearest few and not at all of them.
public struct SimilarPatients: Sendable {
    /// How many of the nearest count.
    static let neighbours = 20

    /// How the herb did in the similar patients.
    public struct Outcome: Hashable, Sendable {
        /// Similar patients found, 0…20.
        public var patients: Int32
        /// Those of them whose case is a success.
        public var successes: Int32
    }

    /// What a search found.
    struct Finding: Sendable {
        var outcome: Outcome
        /// The place of the last patient that counts; `nil` where there is room for anybody.
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

    private let clinic: Clinic
    private let candidates: PatientHerbs
    /// Candidates by group: mizaj and herb.
    private let groups: Groups
    private let symptoms: SymptomSignatures
    private let successRating: UInt8

    init(in clinic: Clinic, successRating: Rating) {
        let candidates = PatientHerbs(clinic)
        let herbs = clinic.herbs.terms.count
        self.clinic = clinic
        self.candidates = candidates
        self.successRating = UInt8(successRating.value)
        symptoms = SymptomSignatures(clinic.symptomSets)
        groups = Groups(of: candidates.count, into: Mizaj.allCases.count * herbs) { position in
            clinic.patients.mizaj[Int(candidates.patient[position])].ordinal * herbs
                + Int(candidates.herb[position])
        }
    }

    /// The outcome for each of the recommendations, given by position.
    func outcomes(for recommendations: [Int32]) async -> (outcomes: [Outcome], comparisons: Comparisons) {
        let (findings, comparisons) = await findings(for: recommendations)
        return (findings.map(\.outcome), comparisons)
    }

    /// What the searches find for each of the recommendations, given by position.
    func findings(for recommendations: [Int32]) async -> (findings: [Finding], comparisons: Comparisons) {
        let searches = Groups(of: recommendations.count, into: groups.count) { group(of: recommendations[$0]) }
        let searched = (0..<groups.count).filter { !searches[$0].isEmpty }
        let trees = await inParallel(searched.count) { tree(of: searched[$0]) }

        // A group may hold most of the searches, so the work is shared out in equal pieces rather than by group.
        let pieces = zip(searched, trees).flatMap { group, tree in
            searches[group].split(intoPiecesOf: 2048).map { (tree: tree, searches: $0) }
        }
        let found = await inParallel(pieces.count) { piece in
            search(for: pieces[piece].searches.map { recommendations[Int($0)] }, in: pieces[piece].tree)
        }

        let nothing = Finding(outcome: Outcome(patients: 0, successes: 0), reach: nil)
        var findings = [Finding](repeating: nothing, count: recommendations.count)
        var comparisons = Comparisons()
        for (piece, found) in zip(pieces, found) {
            for (search, finding) in zip(piece.searches, found.findings) {
                findings[Int(search)] = finding
            }
            comparisons += found.comparisons
        }
        return (findings, comparisons)
    }

    private func group(of recommendation: Int32) -> Int {
        let diagnosis = Int(clinic.recommendations.diagnosis[Int(recommendation)])
        return clinic.patients.mizaj[Int(clinic.diagnoses.patient[diagnosis])].ordinal * clinic.herbs.terms.count
            + Int(clinic.recommendations.herb[Int(recommendation)])
    }

    private func search(
        for recommendations: [Int32], in tree: CandidateTree
    ) -> (findings: [Finding], comparisons: Comparisons) {
        var search = NearestSearch(in: tree, symptoms: symptoms)
        let findings = recommendations.map { recommendation in
            let diagnosis = clinic.recommendations.diagnosis[Int(recommendation)]
            let nearest = search.nearest(
                Self.neighbours, to: features(of: diagnosis), except: clinic.diagnoses.patient[Int(diagnosis)])
            return Finding(
                outcome: Outcome(
                    patients: Int32(nearest.count),
                    successes: nearest.reduce(0) { $0 + (tree.isSuccess[Int($1.member)] ? 1 : 0) }),
                reach: nearest.count == Self.neighbours ? nearest.last?.proximity : nil)
        }
        let comparisons = Comparisons(
            made: search.comparisons, avoidable: recommendations.count * tree.patient.count)
        return (findings, comparisons)
    }

    /// What the distance looks at in a diagnosis.
    private func features(of diagnosis: Int32) -> PatientFeatures {
        let patient = Int(clinic.diagnoses.patient[Int(diagnosis)])
        let symptoms = clinic.diagnoses.symptoms[Int(diagnosis)]
        return PatientFeatures(
            condition: clinic.diagnoses.condition[Int(diagnosis)], symptomSet: symptoms,
            signature: self.symptoms.signature[Int(symptoms)],
            sex: PatientFeatures.mask(of: clinic.patients.sex[patient]),
            birthYear: clinic.patients.birthYear[patient])
    }

    private func tree(of group: Int) -> CandidateTree {
        CandidateTree(
            groups[group].map { position in
                let newest = Int(candidates.newestCase[Int(position)])
                let recommendation = Int(clinic.cases.recommendation[newest])
                return CandidateTree.Candidate(
                    features: features(of: clinic.recommendations.diagnosis[recommendation]),
                    recency: Recency(
                        instant: clinic.cases.createdAt[newest], patient: candidates.patient[Int(position)]),
                    isSuccess: clinic.cases.rating[newest] >= successRating)
            }, symptoms: symptoms)
    }
}

extension ArraySlice {
    fileprivate func split(intoPiecesOf size: Int) -> [ArraySlice] {
        stride(from: startIndex, to: endIndex, by: size).map { self[$0..<Swift.min($0 + size, endIndex)] }
    }
}
