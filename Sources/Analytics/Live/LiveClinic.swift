public import Domain

/// A clinic that follows what is written to it, and says at any time what a run would say now: of single diagnoses, and of
/// all that a few changes touch.
///
/// It is as of one day: on the next it is to be read anew.
public struct LiveClinic: Sendable {
    /// The columns. Feedback that was withdrawn stays in them, and is passed over here.
    var clinic: Clinic
    let zone: ClinicTimeZone
    let success: UInt8
    private var isWithdrawn: [Bool]

    // Which records belong to which, by position.
    private var diagnosesOfPatient: Chains
    private(set) var recommendationsOfDiagnosis: Chains
    private var casesOfRecommendation: Chains
    private(set) var recommendationsOfTreatment: [Subject: [Int32]] = [:]

    private(set) var tallies: LiveTallies
    private(set) var recommendationShares = WindowShares()
    private(set) var diagnosisShares = WindowShares()
    /// Patients with a case in each cohort.
    private(set) var cohortPatients: [Subject: Int32]
    /// Cases of each diagnosis in the last 90 days.
    private var recentCases: [Int32]
    private(set) var similar: SimilarityMemory
    private var conditionPositions: [TermID: Int32]
    private var herbPositions: [TermID: Int32]

    /// A clinic as it was read.
    public init(_ clinic: Clinic, zone: ClinicTimeZone, successRating: Rating) {
        self.clinic = clinic
        self.zone = zone
        success = UInt8(successRating.value)
        isWithdrawn = [Bool](repeating: false, count: clinic.cases.count)
        diagnosesOfPatient = Chains(of: clinic.diagnoses.ids.count, into: clinic.patients.ids.count) {
            clinic.diagnoses.patient[$0]
        }
        recommendationsOfDiagnosis = Chains(
            of: clinic.recommendations.ids.count, into: clinic.diagnoses.ids.count
        ) { clinic.recommendations.diagnosis[$0] }
        casesOfRecommendation = Chains(of: clinic.cases.count, into: clinic.recommendations.ids.count) {
            clinic.cases.recommendation[$0]
        }
        func positions(_ vocabulary: Vocabulary) -> [TermID: Int32] {
            Dictionary(uniqueKeysWithValues: vocabulary.terms.enumerated().map { ($1, Int32($0)) })
        }
        conditionPositions = positions(clinic.conditions)
        herbPositions = positions(clinic.herbs)
        tallies = LiveTallies(asOf: clinic.asOf)
        cohortPatients = distinctPatients(of: clinic)
        recentCases = [Int32](repeating: 0, count: clinic.diagnoses.ids.count)
        similar = SimilarityMemory()
        layOut()
    }

    /// Counts and groups all that was read.
    private mutating func layOut() {
        for position in clinic.recommendations.ids.indices {
            recommendationsOfTreatment[treatment(of: Int32(position)), default: []].append(Int32(position))
            let own = tallies(of: Int32(position))
            guard own.all.samples > 0 else { continue }
            recommendationShares.count(own)
            tallies.add(own, to: cohort(of: Int32(position)))
            recentCases[Int(clinic.recommendations.diagnosis[position])] += own.days90.samples
        }
        for position in clinic.diagnoses.ids.indices {
            let own = tallies(ofDiagnosis: Int32(position))
            if own.all.samples > 0 { diagnosisShares.count(own) }
        }
        let candidates = PatientHerbs(clinic)
        for position in 0..<candidates.count {
            similar.add(
                candidate(candidates.newestCase[position]),
                to: group(of: clinic.cases.recommendation[Int(candidates.newestCase[position])]))
        }
    }

    /// A clinic as it was read, which knows already what similar patients say of all recommendations that runs score.
    public static func prepared(_ clinic: Clinic, zone: ClinicTimeZone, successRating: Rating) async -> Self {
        var live = Self(clinic, zone: zone, successRating: successRating)
        let scored = clinic.recommendations.ids.indices.map { Int32($0) }.filter(live.isScored)
        let findings = await SimilarPatients(in: clinic, successRating: successRating).findings(for: scored).findings
        for (recommendation, finding) in zip(scored, findings) {
            live.similar.remember(finding, for: recommendation, in: live.group(of: recommendation))
        }
        return live
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

    func treatment(of recommendation: Int32) -> Subject {
        let cohort = cohort(of: recommendation)
        return .treatment(herb: cohort.herb, condition: cohort.condition)
    }

    /// The mizaj and herb within which similar patients are looked for, as a cohort without condition.
    func group(of recommendation: Int32) -> Subject {
        let cohort = cohort(of: recommendation)
        return .cohort(cohort.mizaj, herb: cohort.herb, condition: TermID(rawValue: 0))
    }

    func features(of diagnosis: Int32) -> PatientFeatures {
        let patient = Int(clinic.diagnoses.patient[Int(diagnosis)])
        return PatientFeatures(
            condition: clinic.diagnoses.condition[Int(diagnosis)],
            symptomSet: clinic.diagnoses.symptoms[Int(diagnosis)], signature: 0,
            sex: PatientFeatures.mask(of: clinic.patients.sex[patient]),
            birthYear: clinic.patients.birthYear[patient])
    }

    func position<Record>(of id: Identifier<Record>, in ids: [Identifier<Record>]) -> Int32? {
        var low = 0
        var high = ids.count
        while low < high {
            let middle = (low + high) / 2
            if ids[middle] < id { low = middle + 1 } else { high = middle }
        }
        return low < ids.count && ids[low] == id ? Int32(low) : nil
    }

    // MARK: What stands

    /// The cases of a recommendation that were not withdrawn.
    private func cases(of recommendation: Int32) -> some Sequence<Int32> {
        casesOfRecommendation[recommendation].lazy.filter { !isWithdrawn[Int($0)] }
    }

    private func tallies(ofCase position: Int32) -> WindowTallies {
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

    private func candidate(_ position: Int32) -> CandidateList.Candidate {
        let diagnosis = clinic.recommendations.diagnosis[Int(clinic.cases.recommendation[Int(position)])]
        return CandidateList.Candidate(
            features: features(of: diagnosis),
            recency: Recency(
                instant: clinic.cases.createdAt[Int(position)], patient: clinic.diagnoses.patient[Int(diagnosis)]),
            isSuccess: clinic.cases.rating[Int(position)] >= success)
    }

    /// The newest case of a patient on a herb, by position; `nil` where there is none.
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

    private func isNewer(_ position: Int32, than other: Int32) -> Bool {
        let (left, right) = (clinic.cases.createdAt[Int(position)], clinic.cases.createdAt[Int(other)])
        return left != right ? left > right : position > other
    }

    /// Whether a patient has a case in a cohort.
    private func hasCase(_ patient: Int32, in cohort: Subject) -> Bool {
        diagnosesOfPatient[patient].contains { diagnosis in
            recommendationsOfDiagnosis[diagnosis].contains { recommendation in
                self.cohort(of: recommendation) == cohort && cases(of: recommendation).contains { _ in true }
            }
        }
    }

    /// The active recommendations of a mizaj and herb.
    func activeRecommendations(in group: Subject) -> [Int32] {
        recommendationsOfTreatment.filter { $0.key.herb == group.herb }.flatMap { $0.value.filter(isScored) }.filter {
            clinic.patients.mizaj[Int(patient(of: $0))] == group.mizaj
        }
    }

    /// Whether a run scores a recommendation.
    func isScored(_ recommendation: Int32) -> Bool {
        clinic.recommendations.createdOn[Int(recommendation)] <= asOf
            && isActive(clinic.recommendations.diagnosis[Int(recommendation)])
    }

    // MARK: Similar patients

    /// What similar patients say of a recommendation, from memory where nothing of it changed.
    mutating func similarPatients(for recommendation: Int32) -> SimilarPatients.Outcome {
        let diagnosis = clinic.recommendations.diagnosis[Int(recommendation)]
        return similar.outcome(
            for: recommendation, in: group(of: recommendation), features: features(of: diagnosis),
            patient: patient(of: recommendation), clinic.symptomSets)
    }

    /// From here on what changes counts as changed since then.
    public mutating func forgetChanges(since version: ClinicVersion) {
        similar.forgetChanges(since: version)
    }
}

// MARK: What is written

extension LiveClinic {
    /// Takes a change up.
    ///
    /// - Returns: whether it could; else it is to be read anew. That is so for records whose numbers lie among older ones.
    public mutating func apply(_ change: ClinicChange) -> Bool {
        switch change {
        case .patient(let patient): add(patient)
        case .diagnosis(let diagnosis, let condition, let symptomSet, let symptoms):
            add(diagnosis, condition: condition, symptomSet: symptomSet, symptoms)
        case .recommendation(let recommendation, let herb): add(recommendation, herb: herb)
        case .feedback(let feedback): take(feedback)
        }
    }

    private mutating func add(_ patient: Patient) -> Bool {
        guard clinic.patients.ids.last ?? PatientID(rawValue: 0) < patient.id else {
            return position(of: patient.id, in: clinic.patients.ids) != nil
        }
        clinic.patients.ids.append(patient.id)
        clinic.patients.mizaj.append(patient.mizaj)
        clinic.patients.sex.append(patient.sex)
        clinic.patients.birthYear.append(patient.birthYear.map { Int16(clamping: $0) } ?? PatientColumns.unknownYear)
        diagnosesOfPatient.appendGroup()
        return true
    }

    private mutating func add(
        _ diagnosis: Diagnosis, condition: TermID, symptomSet: Int, _ symptoms: [Int32]
    ) -> Bool {
        guard clinic.diagnoses.ids.last ?? DiagnosisID(rawValue: 0) < diagnosis.id else {
            return position(of: diagnosis.id, in: clinic.diagnoses.ids) != nil
        }
        guard let patient = position(of: diagnosis.patient, in: clinic.patients.ids) else { return false }
        while clinic.symptomSets.count < symptomSet {
            clinic.symptomSets.append(clinic.symptomSets.count == symptomSet - 1 ? symptoms : [])
        }
        clinic.diagnoses.ids.append(diagnosis.id)
        clinic.diagnoses.patient.append(patient)
        clinic.diagnoses.condition.append(
            Self.place(of: condition, diagnosis.condition, in: &clinic.conditions, &conditionPositions))
        clinic.diagnoses.symptoms.append(Int32(symptomSet - 1))
        clinic.diagnoses.createdOn.append(zone.day(of: diagnosis.createdAt))
        diagnosesOfPatient.append(to: patient)
        recommendationsOfDiagnosis.appendGroup()
        recentCases.append(0)
        return true
    }

    private mutating func add(_ recommendation: Recommendation, herb: TermID) -> Bool {
        guard clinic.recommendations.ids.last ?? RecommendationID(rawValue: 0) < recommendation.id else {
            return position(of: recommendation.id, in: clinic.recommendations.ids) != nil
        }
        guard let diagnosis = position(of: recommendation.diagnosis, in: clinic.diagnoses.ids) else { return false }
        clinic.recommendations.ids.append(recommendation.id)
        clinic.recommendations.diagnosis.append(diagnosis)
        clinic.recommendations.herb.append(
            Self.place(of: herb, recommendation.herb, in: &clinic.herbs, &herbPositions))
        clinic.recommendations.createdOn.append(zone.day(of: recommendation.createdAt))
        recommendationsOfDiagnosis.append(to: diagnosis)
        casesOfRecommendation.appendGroup()
        let position = Int32(clinic.recommendations.ids.count - 1)
        recommendationsOfTreatment[treatment(of: position), default: []].append(position)
        return true
    }

    private static func place(
        of term: TermID, _ name: String, in vocabulary: inout Vocabulary, _ positions: inout [TermID: Int32]
    ) -> Int32 {
        if let known = positions[term] {
            if vocabulary.names[Int(known)].isEmpty { vocabulary.names[Int(known)] = name }
            return known
        }
        vocabulary.terms.append(term)
        vocabulary.names.append(name)
        positions[term] = Int32(vocabulary.terms.count - 1)
        return Int32(vocabulary.terms.count - 1)
    }

    // MARK: Feedback

    private mutating func take(_ feedback: Feedback) -> Bool {
        let day = zone.day(of: feedback.createdAt)
        guard day <= asOf else { return true }  // it does not count today
        if let known = position(of: feedback.id, in: clinic.cases.ids) {
            change(clinic.cases.recommendation[Int(known)]) { $0.replace(Int(known), with: feedback) }
            return true
        }
        if feedback.deletedAt != nil { return true }
        guard clinic.cases.ids.last ?? FeedbackID(rawValue: 0) < feedback.id,
            let recommendation = position(of: feedback.recommendation, in: clinic.recommendations.ids)
        else { return false }
        change(recommendation) { $0.append(feedback, to: recommendation, on: day) }
        return true
    }

    private mutating func append(_ feedback: Feedback, to recommendation: Int32, on day: Day) {
        clinic.cases.ids.append(feedback.id)
        clinic.cases.recommendation.append(recommendation)
        clinic.cases.rating.append(UInt8(feedback.rating.value))
        clinic.cases.improvement.append(UInt8(feedback.improvement?.value ?? 0))
        clinic.cases.compliance.append(feedback.compliance?.billionths ?? CaseColumns.unsaid)
        clinic.cases.createdAt.append(feedback.createdAt)
        clinic.cases.day.append(day)
        clinic.cases.lastImport.append(0)
        isWithdrawn.append(false)
        casesOfRecommendation.append(to: recommendation)
    }

    private mutating func replace(_ position: Int, with feedback: Feedback) {
        isWithdrawn[position] = feedback.deletedAt != nil
        clinic.cases.rating[position] = UInt8(feedback.rating.value)
        clinic.cases.improvement[position] = UInt8(feedback.improvement?.value ?? 0)
        clinic.cases.compliance[position] = feedback.compliance?.billionths ?? CaseColumns.unsaid
    }

    /// Changes cases of a recommendation, and all that follows from them.
    private mutating func change(_ recommendation: Int32, _ body: (inout Self) -> Void) {
        let diagnosis = clinic.recommendations.diagnosis[Int(recommendation)]
        let patient = clinic.diagnoses.patient[Int(diagnosis)]
        let cohort = cohort(of: recommendation)
        let (old, oldDiagnosis) = (tallies(of: recommendation), tallies(ofDiagnosis: diagnosis))
        let hadCase = hasCase(patient, in: cohort)
        body(&self)
        let (new, newDiagnosis) = (tallies(of: recommendation), tallies(ofDiagnosis: diagnosis))
        recommendationShares.count(old, sign: -1)
        recommendationShares.count(new)
        diagnosisShares.count(oldDiagnosis, sign: -1)
        diagnosisShares.count(newDiagnosis)
        tallies.remove(old, from: cohort)
        tallies.add(new, to: cohort)
        recentCases[Int(diagnosis)] += new.days90.samples - old.days90.samples
        let hasCase = hasCase(patient, in: cohort)
        if hasCase != hadCase { cohortPatients[cohort, default: 0] += hasCase ? 1 : -1 }

        let newest = newestCase(of: patient, on: clinic.recommendations.herb[Int(recommendation)])
        let group = group(of: recommendation)
        let change = similar.replace(patient, with: newest.map(candidate), in: group)
        for other in similar.remembered(in: group) where self.patient(of: other) != patient {
            let diagnosis = clinic.recommendations.diagnosis[Int(other)]
            similar.note(change, for: other, in: group, features: features(of: diagnosis), clinic.symptomSets)
        }
    }
}
