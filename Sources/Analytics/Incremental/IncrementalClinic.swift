public import Domain

/// A clinic that is kept up to date with written changes, and computes the results of a full run for single diagnoses and for
/// all that a few changes touch.
///
/// It is as of one day; on the next day it must be read again.
public struct IncrementalClinic: Sendable {
    /// The columns. Withdrawn feedback stays in them and is skipped.
    var clinic: Clinic
    let zone: ClinicTimeZone
    let success: UInt8
    var isWithdrawn: [Bool]

    // References, by position.
    var diagnosesOfPatient: IntrusiveList
    var recommendationsOfDiagnosis: IntrusiveList
    var casesOfRecommendation: IntrusiveList
    /// Recommendations that are scored, and some that were.
    var scoredOfTreatment: [Subject: [Int32]] = [:]

    var tallies: TallyCube
    var recommendationPriors: WindowPriors
    var diagnosisPriors: WindowPriors
    /// Patients with a case in each cohort.
    var cohortPatients: [Subject: Int32]
    /// Cases of each diagnosis in the last 90 days.
    var recentCases: [Int32]
    var similar: SimilarityCache
    var published = PublishedScores()
    var conditionPositions: [TermID: Int32]
    var herbPositions: [TermID: Int32]

    /// A clinic as it was read.
    public init(_ clinic: Clinic, zone: ClinicTimeZone, successRating: Rating) {
        let linked = LinkedClinic(clinic)
        let candidates = CandidateGroups(of: linked, success: UInt8(successRating.value))
        self.init(linked, candidates, zone: zone, successRating: successRating)
    }

    private init(
        _ linked: LinkedClinic, _ candidates: CandidateGroups, zone: ClinicTimeZone, successRating: Rating
    ) {
        let clinic = linked.clinic
        self.clinic = clinic
        self.zone = zone
        success = UInt8(successRating.value)
        isWithdrawn = [Bool](repeating: false, count: clinic.cases.count)
        diagnosesOfPatient = IntrusiveList(of: clinic.diagnoses.ids.count, into: clinic.patients.ids.count) {
            clinic.diagnoses.patient[$0]
        }
        recommendationsOfDiagnosis = IntrusiveList(
            of: clinic.recommendations.ids.count, into: clinic.diagnoses.ids.count
        ) { clinic.recommendations.diagnosis[$0] }
        casesOfRecommendation = IntrusiveList(of: clinic.cases.count, into: clinic.recommendations.ids.count) {
            clinic.cases.recommendation[$0]
        }
        conditionPositions = clinic.conditions.positions
        herbPositions = clinic.herbs.positions
        cohortPatients = distinctPatients(of: linked)
        let recommendations = recommendationTallies(of: linked, success: success)
        let diagnoses = diagnosisTallies(of: linked, recommendations)
        tallies = TallyCube(cohorts: cohortTallies(of: linked, recommendations))
        recommendationPriors = WindowPriors(of: recommendations.values)
        diagnosisPriors = WindowPriors(of: diagnoses.values)
        recentCases = clinic.diagnoses.ids.indices.map { diagnoses[$0].days90.samples }
        similar = SimilarityCache()
        index(linked, candidates)
    }

    /// Indexes the scored recommendations and the candidates.
    private mutating func index(_ linked: LinkedClinic, _ candidates: CandidateGroups) {
        for position in clinic.recommendations.ids.indices where isScored(Int32(position)) {
            scoredOfTreatment[treatment(of: Int32(position)), default: []].append(Int32(position))
        }
        var scratch = candidates.scratch()
        for group in 0..<linked.groups.count {
            guard let first = linked.groups[group].first else { continue }
            similar.add(candidates.candidates(of: group, using: &scratch), to: self.group(of: first))
        }
    }

    /// A clinic as it was read, with the similar patients of all recommendations that runs score. Computed on all cores.
    public static func prepared(_ columns: Clinic, zone: ClinicTimeZone, successRating: Rating) async -> Self {
        let linked = LinkedClinic(columns)
        let candidates = CandidateGroups(of: linked, success: UInt8(successRating.value))
        var clinic = Self(linked, candidates, zone: zone, successRating: successRating)
        let scored = clinic.scoredOfTreatment.values.flatMap { $0 }.sorted()
        let findings = await SimilarPatients(in: linked, candidates).findings(for: scored).findings
        for (recommendation, finding) in zip(scored, findings) {
            clinic.similar.store(finding, of: clinic.search(for: recommendation), in: clinic.group(of: recommendation))
        }
        return clinic
    }

    /// Reserves capacity for the feedback of some time, so that adding one does not copy all columns.
    public mutating func reserveCapacity() {
        let count = clinic.cases.count + clinic.cases.count / 16 + 1024
        clinic.cases.reserveCapacity(count)
        isWithdrawn.reserveCapacity(count)
        casesOfRecommendation.reserveCapacity(count)
    }

    /// The as-of day.
    public var asOf: Day { clinic.asOf }

    // MARK: References

    func patient(of recommendation: Int32) -> Int32 {
        clinic.diagnoses.patient[Int(clinic.recommendations.diagnosis[Int(recommendation)])]
    }

    func herb(of recommendation: Int32) -> TermID {
        clinic.herbs.terms[Int(clinic.recommendations.herb[Int(recommendation)])]
    }

    func cohort(of recommendation: Int32) -> Subject {
        let diagnosis = Int(clinic.recommendations.diagnosis[Int(recommendation)])
        return .cohort(
            clinic.patients.mizaj[Int(clinic.diagnoses.patient[diagnosis])], herb: herb(of: recommendation),
            condition: clinic.conditions.terms[Int(clinic.diagnoses.condition[diagnosis])])
    }

    func treatment(of recommendation: Int32) -> Subject { clinic.treatment(of: Int(recommendation)) }

    /// The mizaj and herb within which similar patients are searched, as a cohort without condition.
    func group(of recommendation: Int32) -> Subject {
        let cohort = cohort(of: recommendation)
        return .cohort(cohort.mizaj, herb: cohort.herb, condition: TermID(rawValue: 0))
    }

    func position<Record>(of id: Identifier<Record>, in ids: [Identifier<Record>]) -> Int32? {
        ids.sortedPosition(of: id).map { Int32($0) }
    }

    // MARK: Cases

    /// The cases of a recommendation that were not withdrawn.
    func cases(of recommendation: Int32) -> some Sequence<Int32> {
        casesOfRecommendation[recommendation].lazy.filter { !isWithdrawn[Int($0)] }
    }

    func tallies(ofCase position: Int32) -> WindowTallies {
        WindowTallies(
            clinic.cases.tally(at: Int(position), success: success), on: clinic.cases.day[Int(position)], asOf: asOf)
    }

    /// The tallies of a recommendation.
    func tallies(of recommendation: Int32) -> WindowTallies {
        var sum = WindowTallies()
        for item in cases(of: recommendation) { sum += tallies(ofCase: item) }
        return sum
    }

    /// The tallies of a diagnosis.
    func tallies(ofDiagnosis diagnosis: Int32) -> WindowTallies {
        var sum = WindowTallies()
        for recommendation in recommendationsOfDiagnosis[diagnosis] { sum += tallies(of: recommendation) }
        return sum
    }

    /// Whether a run scores the recommendations of a diagnosis: it was created, or has a case, in the last 90 days.
    func isActive(_ diagnosis: Int32) -> Bool {
        let createdOn = clinic.diagnoses.createdOn[Int(diagnosis)]
        return createdOn <= asOf && Window.days90.contains(createdOn, asOf: asOf) || recentCases[Int(diagnosis)] > 0
    }

    /// The recommendations of a diagnosis that were created up to the as-of day, ascending.
    func recommendations(of diagnosis: Int32) -> [Int32] {
        recommendationsOfDiagnosis[diagnosis].filter { clinic.recommendations.createdOn[Int($0)] <= asOf }.sorted()
    }

    func candidate(_ position: Int32) -> CandidateIndex.Candidate { clinic.candidate(position, success: success) }

    /// The candidate that a patient is for others by the newest case on a herb; `nil` where there is none.
    func candidate(of patient: Int32, on herb: Int32) -> CandidateIndex.Candidate? {
        newestCase(of: patient, on: herb).map(candidate)
    }

    private func newestCase(of patient: Int32, on herb: Int32) -> Int32? {
        var newest: Int32?
        for diagnosis in diagnosesOfPatient[patient] {
            for recommendation in recommendationsOfDiagnosis[diagnosis]
            where clinic.recommendations.herb[Int(recommendation)] == herb {
                for item in cases(of: recommendation) where newest.map({ isNewer(item, than: $0) }) ?? true {
                    newest = item
                }
            }
        }
        return newest
    }

    func isNewer(_ position: Int32, than other: Int32) -> Bool {
        let (left, right) = (clinic.cases.createdAt[Int(position)], clinic.cases.createdAt[Int(other)])
        return left != right ? left > right : position > other
    }

    /// Whether a patient has a case in a cohort.
    func hasCase(_ patient: Int32, in cohort: Subject) -> Bool {
        diagnosesOfPatient[patient].contains { diagnosis in
            recommendationsOfDiagnosis[diagnosis].contains { recommendation in
                self.cohort(of: recommendation) == cohort && cases(of: recommendation).contains { _ in true }
            }
        }
    }

    /// Whether a run scores a recommendation.
    func isScored(_ recommendation: Int32) -> Bool {
        clinic.recommendations.createdOn[Int(recommendation)] <= asOf
            && isActive(clinic.recommendations.diagnosis[Int(recommendation)])
    }

    // MARK: Similar patients

    /// The outcome of similar patients for a recommendation, from the cache where possible.
    func similarPatients(for recommendation: Int32) -> SimilarPatients.Outcome {
        let (search, group) = (search(for: recommendation), group(of: recommendation))
        let finding = similar.finding(of: search, in: group)
        return (finding ?? similar.nearest(of: search, in: group, clinic.symptomSets).finding).outcome
    }

    func search(for recommendation: Int32) -> SimilarityCache.Search {
        let diagnosis = clinic.recommendations.diagnosis[Int(recommendation)]
        return SimilarityCache.Search(
            recommendation: recommendation, features: clinic.features(of: diagnosis),
            patient: clinic.diagnoses.patient[Int(diagnosis)])
    }
}
