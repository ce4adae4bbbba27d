public import Domain

/// A clinic that follows what is written to it, and says at any time what a run would say now of a single diagnosis.
///
/// It is as of one day: on the next it is to be read anew.
public struct LiveClinic: Sendable {
    /// The columns. Feedback that was withdrawn stays in them, and is passed over here.
    private var clinic: Clinic
    private let zone: ClinicTimeZone
    private let success: UInt8
    private var isWithdrawn: [Bool]

    // Which records belong to which, by position.
    private var diagnosesOfPatient: Chains
    private var recommendationsOfDiagnosis: Chains
    private var casesOfRecommendation: Chains

    private var treatments: [Subject: WindowTallies] = [:]
    private var herbs: [Subject: WindowTallies] = [:]
    private var overall = WindowTallies()
    /// The newest case of each patient on a herb, by mizaj and herb: a cohort without condition.
    private var groups: [Subject: CandidateGroup] = [:]
    private var conditionPositions: [TermID: Int32]
    private var herbPositions: [TermID: Int32]

    /// Patients with a case on a herb, each with the newest.
    private struct CandidateGroup: Sendable {
        var patients: [Int32] = []
        var newestCases: [Int32] = []
    }

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
        let candidates = PatientHerbs(clinic)
        for position in 0..<candidates.count {
            let patient = candidates.patient[position]
            let herb = clinic.herbs.terms[Int(candidates.herb[position])]
            let group = Self.group(clinic.patients.mizaj[Int(patient)], herb)
            groups[group, default: CandidateGroup()].patients.append(patient)
            groups[group, default: CandidateGroup()].newestCases.append(candidates.newestCase[position])
        }
        for position in 0..<clinic.cases.count { count(position, sign: 1) }
    }

    /// The day that it is as of.
    public var asOf: Day { clinic.asOf }

    private static func group(_ mizaj: Mizaj, _ herb: TermID) -> Subject {
        .cohort(mizaj, herb: herb, condition: TermID(rawValue: 0))
    }

    // MARK: What is written

    /// Takes a change up.
    ///
    /// - Returns: whether it could; else it is to be read anew. That is so for records whose numbers lie among older ones,
    ///   and for those that it already has with other content.
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

    private mutating func take(_ feedback: Feedback) -> Bool {
        let day = zone.day(of: feedback.createdAt)
        guard day <= clinic.asOf else { return true }  // it does not count today
        if let known = position(of: feedback.id, in: clinic.cases.ids) {
            replace(Int(known), with: feedback)
            return true
        }
        if feedback.deletedAt != nil { return true }
        guard clinic.cases.ids.last ?? FeedbackID(rawValue: 0) < feedback.id,
            let recommendation = position(of: feedback.recommendation, in: clinic.recommendations.ids)
        else { return false }
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
        let position = clinic.cases.count - 1
        count(position, sign: 1)
        chooseNewest(likeOf: position)
        return true
    }

    private mutating func replace(_ position: Int, with feedback: Feedback) {
        if !isWithdrawn[position] { count(position, sign: -1) }
        isWithdrawn[position] = feedback.deletedAt != nil
        clinic.cases.rating[position] = UInt8(feedback.rating.value)
        clinic.cases.improvement[position] = UInt8(feedback.improvement?.value ?? 0)
        clinic.cases.compliance[position] = feedback.compliance?.billionths ?? CaseColumns.unsaid
        if !isWithdrawn[position] { count(position, sign: 1) }
        chooseNewest(likeOf: position)
    }

    // MARK: What follows from it

    private func diagnosis(ofCase position: Int) -> Int {
        Int(clinic.recommendations.diagnosis[Int(clinic.cases.recommendation[position])])
    }

    private func herb(ofRecommendation position: Int) -> TermID {
        clinic.herbs.terms[Int(clinic.recommendations.herb[position])]
    }

    private func treatment(ofRecommendation position: Int) -> Subject {
        let condition = clinic.diagnoses.condition[Int(clinic.recommendations.diagnosis[position])]
        return .treatment(herb: herb(ofRecommendation: position), condition: clinic.conditions.terms[Int(condition)])
    }

    /// Adds a case to the tallies, or takes it away.
    private mutating func count(_ position: Int, sign: Int) {
        let tally = clinic.cases.tally(at: position, success: success)
        let day = clinic.cases.day[position]
        func change(_ tallies: inout WindowTallies) {
            for (window, isIn) in [
                (\WindowTallies.all, true), (\.days90, day >= clinic.asOf - 89), (\.days30, day >= clinic.asOf - 29),
            ] where isIn {
                if sign > 0 { tallies[keyPath: window] += tally } else { tallies[keyPath: window] -= tally }
            }
        }
        let treatment = treatment(ofRecommendation: Int(clinic.cases.recommendation[position]))
        change(&treatments[treatment, default: WindowTallies()])
        change(&herbs[.herb(treatment.herb), default: WindowTallies()])
        change(&overall)
    }

    /// Finds again which case of a patient on a herb is the newest, where one of them changed.
    private mutating func chooseNewest(likeOf position: Int) {
        let patient = clinic.diagnoses.patient[diagnosis(ofCase: position)]
        let herb = clinic.recommendations.herb[Int(clinic.cases.recommendation[position])]
        var newest: Int32?
        for diagnosis in diagnosesOfPatient[patient] {
            for recommendation in recommendationsOfDiagnosis[diagnosis]
            where clinic.recommendations.herb[Int(recommendation)] == herb {
                for item in casesOfRecommendation[recommendation] where !isWithdrawn[Int(item)] {
                    if newest.map({ isNewer(item, than: $0) }) ?? true { newest = item }
                }
            }
        }
        let group = Self.group(clinic.patients.mizaj[Int(patient)], clinic.herbs.terms[Int(herb)])
        var candidates = groups[group] ?? CandidateGroup()
        let place = candidates.patients.firstIndex(of: patient)
        switch (place, newest) {
        case (let place?, let newest?): candidates.newestCases[place] = newest
        case (nil, let newest?):
            candidates.patients.append(patient)
            candidates.newestCases.append(newest)
        case (let place?, nil):
            candidates.patients.remove(at: place)
            candidates.newestCases.remove(at: place)
        case (nil, nil): break
        }
        groups[group] = candidates
    }

    private func isNewer(_ position: Int32, than other: Int32) -> Bool {
        let (left, right) = (clinic.cases.createdAt[Int(position)], clinic.cases.createdAt[Int(other)])
        return left != right ? left > right : position > other
    }

    private func position<Record>(of id: Identifier<Record>, in ids: [Identifier<Record>]) -> Int32? {
        var low = 0
        var high = ids.count
        while low < high {
            let middle = (low + high) / 2
            if ids[middle] < id { low = middle + 1 } else { high = middle }
        }
        return low < ids.count && ids[low] == id ? Int32(low) : nil
    }
}

// MARK: Predictions

extension LiveClinic {
    /// A prediction with the patients that its similar component rests on.
    public struct Reading: Equatable, Sendable {
        /// The recommendation, its herb and what to expect of it.
        public var place: RankedRecommendation
        /// The herb as it is displayed.
        public var herb: String
        /// The most similar patients, the nearest first.
        public var similar: [SimilarPatient]

        /// A prediction with its herb.
        public init(place: RankedRecommendation, herb: String, similar: [SimilarPatient]) {
            self.place = place
            self.herb = herb
            self.similar = similar
        }
    }

    /// A patient who is similar to another.
    public struct SimilarPatient: Equatable, Sendable {
        /// The patient.
        public var patient: PatientID
        /// How far from alike they are, 0 (alike) to 3.5.
        public var distance: Double
        /// Whether the herb worked, in their newest case.
        public var isSuccess: Bool
    }

    /// What to expect of each recommendation of a diagnosis that was made up to today, best first, as a run would say now if
    /// the diagnosis is active; `nil` where there is no such diagnosis.
    public func predictions(of diagnosis: DiagnosisID) -> [Reading]? {
        guard let place = position(of: diagnosis, in: clinic.diagnoses.ids) else { return nil }
        let made = recommendationsOfDiagnosis[place].filter { clinic.recommendations.createdOn[Int($0)] <= clinic.asOf }
        var readings = made.sorted().map { read(Int($0), diagnosis) }
        for (rank, position) in ranking(of: readings.map(\.place.prediction), at: .balanced).enumerated() {
            readings[position].place.prediction.rank = Int32(rank + 1)
        }
        return readings.sorted { $0.place.prediction.rank < $1.place.prediction.rank }
    }

    private func read(_ recommendation: Int, _ diagnosis: DiagnosisID) -> Reading {
        func counted(_ tallies: WindowTallies?) -> WindowTallies? {
            tallies.flatMap { $0.all.samples > 0 ? $0 : nil }
        }
        let treatment = treatment(ofRecommendation: recommendation)
        let (basis, tally) = historicalBody(
            treatment: counted(treatments[treatment]), herb: counted(herbs[.herb(treatment.herb)]),
            overall: counted(overall))
        let similar = similarPatients(of: recommendation)
        let outcome = SimilarPatients.Outcome(
            patients: Int32(similar.count), successes: Int32(similar.count { $0.isSuccess }))
        let position = clinic.recommendations.herb[recommendation]
        return Reading(
            place: RankedRecommendation(
                recommendation: clinic.recommendations.ids[recommendation], herb: treatment.herb,
                prediction: Prediction(diagnosis: diagnosis, basis: basis, tally: tally, similar: outcome)),
            herb: clinic.herbs.names[Int(position)], similar: similar)
    }

    /// The patients of the same mizaj with a case on the herb that are nearest: each is compared with, since a group that
    /// changes all the time is not worth laying out for searches.
    private func similarPatients(of recommendation: Int) -> [SimilarPatient] {
        let diagnosis = Int(clinic.recommendations.diagnosis[recommendation])
        let patient = clinic.diagnoses.patient[diagnosis]
        let group = Self.group(clinic.patients.mizaj[Int(patient)], herb(ofRecommendation: recommendation))
        guard let candidates = groups[group] else { return [] }
        let own = features(of: diagnosis)
        var nearest: [(proximity: Proximity, position: Int32)] = []
        for (candidate, position) in zip(candidates.patients, candidates.newestCases) where candidate != patient {
            let other = features(of: self.diagnosis(ofCase: Int(position)))
            let proximity = Proximity(
                distance: distance(own, other),
                recency: Recency(instant: clinic.cases.createdAt[Int(position)], patient: candidate))
            if nearest.count == SimilarPatients.neighbours {
                guard let last = nearest.last, proximity < last.proximity else { continue }
                nearest.removeLast()
            }
            let place = nearest.firstIndex { proximity < $0.proximity } ?? nearest.count
            nearest.insert((proximity, position), at: place)
        }
        return nearest.map { proximity, position in
            SimilarPatient(
                patient: clinic.patients.ids[Int(proximity.recency.patient)],
                distance: Double(proximity.distance) / 1e9,
                isSuccess: clinic.cases.rating[Int(position)] >= success)
        }
    }

    private func features(of diagnosis: Int) -> PatientFeatures {
        let patient = Int(clinic.diagnoses.patient[diagnosis])
        return PatientFeatures(
            condition: clinic.diagnoses.condition[diagnosis], symptomSet: clinic.diagnoses.symptoms[diagnosis],
            signature: 0, sex: PatientFeatures.mask(of: clinic.patients.sex[patient]),
            birthYear: clinic.patients.birthYear[patient])
    }

    private func distance(_ own: PatientFeatures, _ other: PatientFeatures) -> Int64 {
        let isAgeKnown =
            own.birthYear != PatientColumns.unknownYear && other.birthYear != PatientColumns.unknownYear
        let isSexSame = own.sex != PatientFeatures.unknownSex && own.sex == other.sex
        let left = clinic.symptomSets[Int(own.symptomSet)]
        let right = clinic.symptomSets[Int(other.symptomSet)]
        return PatientDistance.total(
            condition: own.condition == other.condition ? 0 : 1,
            age: isAgeKnown
                ? PatientDistance.age(years: abs(Int32(own.birthYear) - Int32(other.birthYear)))
                : PatientDistance.unknownAge,
            sex: isSexSame ? 0 : PatientDistance.otherSex,
            symptoms: PatientDistance.symptoms(
                overlap: Self.overlap(left, right), sizes: Int32(left.count + right.count)))
    }

    /// How many symptoms two sets share, both ascending.
    private static func overlap(_ left: ArraySlice<Int32>, _ right: ArraySlice<Int32>) -> Int32 {
        var shared: Int32 = 0
        var (first, second) = (left.startIndex, right.startIndex)
        while first < left.endIndex, second < right.endIndex {
            if left[first] == right[second] {
                shared += 1
                first += 1
                second += 1
            } else if left[first] < right[second] {
                first += 1
            } else {
                second += 1
            }
        }
        return shared
    }
}
