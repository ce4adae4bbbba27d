public import Domain

/// A clinic that follows what is written to it, and says at any time what a run would say now: of single diagnoses, and of
/// all that a few changes touch.
///
/// It is as of one day: on the next it is to be read anew.
public struct IncrementalClinic: Sendable {
    /// The columns. Feedback that was withdrawn stays in them, and is passed over here.
    var clinic: Clinic
    let zone: ClinicTimeZone
    let success: UInt8
    var isWithdrawn: [Bool]

    // Which records belong to which, by position.
    var diagnosesOfPatient: IntrusiveList
    var recommendationsOfDiagnosis: IntrusiveList
    var casesOfRecommendation: IntrusiveList
    /// Those that are scored, and some that were.
    var scoredOfTreatment: [Subject: [Int32]] = [:]

    var tallies = IncrementalTallies()
    var recommendationPriors = WindowPriors()
    var diagnosisPriors = WindowPriors()
    /// Patients with a case in each cohort.
    var cohortPatients: [Subject: Int32]
    /// Cases of each diagnosis in the last 90 days.
    var recentCases: [Int32]
    var similar: SimilarityMemory
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
        recentCases = [Int32](repeating: 0, count: clinic.diagnoses.ids.count)
        similar = SimilarityMemory()
        layOut(linked, candidates)
    }

    /// Counts and groups all that was read.
    private mutating func layOut(_ linked: LinkedClinic, _ candidates: CandidateGroups) {
        for position in clinic.recommendations.ids.indices {
            let own = tallies(of: Int32(position))
            guard own.all.samples > 0 else { continue }
            recommendationPriors.add(own)
            tallies.add(own, to: cohort(of: Int32(position)))
            recentCases[Int(clinic.recommendations.diagnosis[position])] += own.days90.samples
        }
        for position in clinic.recommendations.ids.indices where isScored(Int32(position)) {
            scoredOfTreatment[treatment(of: Int32(position)), default: []].append(Int32(position))
        }
        for position in clinic.diagnoses.ids.indices {
            let own = tallies(ofDiagnosis: Int32(position))
            if own.all.samples > 0 { diagnosisPriors.add(own) }
        }
        var seats = candidates.seats()
        for group in 0..<linked.groups.count {
            guard let first = linked.groups[group].first else { continue }
            similar.add(candidates.candidates(of: group, &seats), to: self.group(of: first))
        }
    }

    /// A clinic as it was read, which knows already what similar patients say of all recommendations that runs score.
    public static func prepared(_ clinic: Clinic, zone: ClinicTimeZone, successRating: Rating) async -> Self {
        let linked = LinkedClinic(clinic)
        let candidates = CandidateGroups(of: linked, success: UInt8(successRating.value))
        var live = Self(linked, candidates, zone: zone, successRating: successRating)
        let scored = live.scoredOfTreatment.values.flatMap { $0 }.sorted()
        let findings = await SimilarPatients(in: linked, candidates).findings(for: scored).findings
        for (recommendation, finding) in zip(scored, findings) {
            live.similar.remember(finding, of: live.search(for: recommendation), in: live.group(of: recommendation))
        }
        return live
    }

    /// Reserves capacity for the feedback of some time, so that adding one does not copy all columns.
    public mutating func reserveCapacity() {
        let count = clinic.cases.count + clinic.cases.count / 16 + 1024
        clinic.cases.reserveCapacity(count)
        isWithdrawn.reserveCapacity(count)
        casesOfRecommendation.reserveCapacity(count)
    }

    /// The day that it is as of.
    public var asOf: Day { clinic.asOf }

    // MARK: What belongs to what

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

    /// The mizaj and herb within which similar patients are looked for, as a cohort without condition.
    func group(of recommendation: Int32) -> Subject {
        let cohort = cohort(of: recommendation)
        return .cohort(cohort.mizaj, herb: cohort.herb, condition: TermID(rawValue: 0))
    }

    func position<Record>(of id: Identifier<Record>, in ids: [Identifier<Record>]) -> Int32? {
        ids.sortedPosition(of: id).map { Int32($0) }
    }

    // MARK: What stands

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

    /// Whether a run scores the recommendations of a diagnosis: it was made, or has a case, in the last 90 days.
    func isActive(_ diagnosis: Int32) -> Bool {
        let made = clinic.diagnoses.createdOn[Int(diagnosis)]
        return made <= asOf && Window.days90.contains(made, asOf: asOf) || recentCases[Int(diagnosis)] > 0
    }

    /// The recommendations of a diagnosis that were made up to today, ascending.
    func made(in diagnosis: Int32) -> [Int32] {
        recommendationsOfDiagnosis[diagnosis].filter { clinic.recommendations.createdOn[Int($0)] <= asOf }.sorted()
    }

    func candidate(_ position: Int32) -> CandidateIndex.Candidate { clinic.candidate(position, success: success) }

    /// The newest case of a patient on a herb, as others see it; `nil` where there is none.
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

    /// What similar patients say of a recommendation, from memory where nothing of it changed.
    func similarPatients(for recommendation: Int32) -> SimilarPatients.Outcome {
        let (search, group) = (search(for: recommendation), group(of: recommendation))
        let finding = similar.finding(of: search, in: group)
        return (finding ?? similar.nearest(of: search, in: group, clinic.symptomSets).finding).outcome
    }

    func search(for recommendation: Int32) -> SimilarityMemory.Search {
        let diagnosis = clinic.recommendations.diagnosis[Int(recommendation)]
        return SimilarityMemory.Search(
            recommendation: recommendation, features: clinic.features(of: diagnosis),
            patient: clinic.diagnoses.patient[Int(diagnosis)])
    }
}
