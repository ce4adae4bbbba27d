public import Domain

extension IncrementalClinic {
    /// Applies a change.
    ///
    /// - Returns: `false` where it cannot, so that the clinic must be read again: where the id of a new record is less than that
    ///   of an older one.
    public mutating func apply(_ change: ClinicChange) -> Bool {
        switch change {
        case .patient(let patient): add(patient)
        case .diagnosis(let diagnosis, let condition, let symptomSet, let symptoms):
            add(diagnosis, condition: condition, symptomSet: symptomSet, symptoms)
        case .recommendation(let recommendation, let herb): add(recommendation, herb: herb)
        case .feedback(let feedback): apply(feedback)
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
            Self.position(of: condition, diagnosis.condition, in: &clinic.conditions, &conditionPositions))
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
            Self.position(of: herb, recommendation.herb, in: &clinic.herbs, &herbPositions))
        clinic.recommendations.createdOn.append(zone.day(of: recommendation.createdAt))
        recommendationsOfDiagnosis.append(to: diagnosis)
        casesOfRecommendation.appendGroup()
        addScored(Int32(clinic.recommendations.ids.count - 1))
        return true
    }

    private mutating func addScored(_ recommendation: Int32) {
        guard isScored(recommendation) else { return }
        scoredOfTreatment[treatment(of: recommendation), default: []].append(recommendation)
    }

    private static func position(
        of term: TermID, _ name: String, in vocabulary: inout Vocabulary, _ positions: inout [TermID: Int32]
    ) -> Int32 {
        if let known = positions[term] {
            if vocabulary.names[Int(known)].isEmpty { vocabulary.names[Int(known)] = name }
            return known
        }
        vocabulary.terms.append(term)
        vocabulary.keys.append(TextKey(name))
        vocabulary.names.append(name)
        positions[term] = Int32(vocabulary.terms.count - 1)
        return Int32(vocabulary.terms.count - 1)
    }

    // MARK: Feedback

    private mutating func apply(_ feedback: Feedback) -> Bool {
        let day = zone.day(of: feedback.createdAt)
        guard day <= asOf else { return true }  // it does not count today
        if let known = position(of: feedback.id, in: clinic.cases.ids) {
            // A change is applied again each time that changes are read which no run has seen.
            if matches(feedback, at: Int(known)) { return true }
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
        isWithdrawn.append(false)
        casesOfRecommendation.append(to: recommendation)
    }

    /// Whether a case has the content of a feedback.
    private func matches(_ feedback: Feedback, at position: Int) -> Bool {
        isWithdrawn[position] == (feedback.deletedAt != nil)
            && Int(clinic.cases.rating[position]) == feedback.rating.value
            && Int(clinic.cases.improvement[position]) == feedback.improvement?.value ?? 0
            && clinic.cases.compliance[position] == feedback.compliance?.billionths ?? CaseColumns.unsaid
    }

    private mutating func replace(_ position: Int, with feedback: Feedback) {
        isWithdrawn[position] = feedback.deletedAt != nil
        clinic.cases.rating[position] = UInt8(feedback.rating.value)
        clinic.cases.improvement[position] = UInt8(feedback.improvement?.value ?? 0)
        clinic.cases.compliance[position] = feedback.compliance?.billionths ?? CaseColumns.unsaid
    }

    /// Changes cases of a recommendation, and updates all that depends on them.
    private mutating func change(_ recommendation: Int32, _ body: (inout Self) -> Void) {
        let diagnosis = clinic.recommendations.diagnosis[Int(recommendation)]
        let patient = clinic.diagnoses.patient[Int(diagnosis)]
        let cohort = cohort(of: recommendation)
        let herb = clinic.recommendations.herb[Int(recommendation)]
        let candidate = candidate(of: patient, on: herb)
        let (old, oldDiagnosis) = (tallies(of: recommendation), tallies(ofDiagnosis: diagnosis))
        let (hadOne, wasActive) = (hasCase(patient, in: cohort), isActive(diagnosis))
        body(&self)
        let (new, newDiagnosis) = (tallies(of: recommendation), tallies(ofDiagnosis: diagnosis))
        recommendationPriors.remove(old)
        recommendationPriors.add(new)
        diagnosisPriors.remove(oldDiagnosis)
        diagnosisPriors.add(newDiagnosis)
        tallies.remove(old, from: cohort)
        tallies.add(new, to: cohort)
        recentCases[Int(diagnosis)] += new.days90.samples - old.days90.samples
        if !wasActive { recommendationsOfDiagnosis[diagnosis].forEach { addScored($0) } }
        let hasOne = hasCase(patient, in: cohort)
        if hasOne != hadOne { cohortPatients[cohort, default: 0] += hasOne ? 1 : -1 }

        similar.apply(
            .init(old: candidate, new: self.candidate(of: patient, on: herb)), of: patient,
            in: group(of: recommendation), clinic.symptomSets)
    }
}
