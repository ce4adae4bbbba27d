import Domain
import GRDB
import Store

/// Reads the columns of each kind of record.
extension PieceReader {
    func symptomSets() throws -> SymptomSets {
        var sets = SymptomSets()
        let statement = try Statement(
            db,
            """
            SELECT s.symptom_set_id, m.term_id
            FROM symptom_sets s LEFT JOIN symptom_set_members m ON m.symptom_set_id = s.symptom_set_id
            ORDER BY s.symptom_set_id, m.term_id
            """)
        var current: Int64 = 0
        var members: [Int32] = []
        let most = Int64(try SQLiteDatabase.mostRows(db))
        while try statement.step() {
            guard 1...most ~= statement.int64(0) else { throw DatabaseError.unknown("symptom_sets.symptom_set_id") }
            // Sets are numbered from 1 without gaps in practice; a gap becomes an empty set, so that a set's position is
            // always its number less one.
            while current < statement.int64(0) {
                if current > 0 { sets.append(members) }
                members.removeAll(keepingCapacity: true)
                current += 1
            }
            if !statement.isNull(1) { members.append(statement.int32(1)) }
        }
        if current > 0 { sets.append(members) }
        return sets
    }

    func patients(_ span: RecordSpan<PatientRecord>) throws -> PatientColumns {
        var patients = PatientColumns()
        patients.reserveCapacity(try room(for: span))
        try forEach(in: span) { record in
            patients.ids.append(PatientID(rawValue: record.id))
            patients.mizaj.append(record.mizaj)
            patients.sex.append(record.sex)
            patients.birthYear.append(record.birthYear)
        }
        return patients
    }

    /// - Returns: the diagnoses, and the spelling of the condition of each.
    func diagnoses(
        _ span: RecordSpan<DiagnosisRecord>, _ patients: PositionIndex<Patient>, _ conditions: SpellingColumn,
        setCount: Int32
    ) throws -> (columns: DiagnosisColumns, spellings: [Int32]) {
        var diagnoses = DiagnosisColumns()
        var spellings: [Int32] = []
        let room = try room(for: span)
        diagnoses.reserveCapacity(room)
        spellings.reserveCapacity(room)
        var days = days
        try forEach(in: span) { record in
            diagnoses.ids.append(DiagnosisID(rawValue: record.id))
            diagnoses.patient.append(
                try known(patients[PatientID(rawValue: record.patient)], "diagnoses.patient_id"))
            diagnoses.condition.append(try known(conditions[record.condition], "diagnoses.condition_id"))
            guard 1...setCount ~= record.symptomSet else { throw DatabaseError.unknown("diagnoses.symptom_set_id") }
            diagnoses.symptoms.append(record.symptomSet - 1)
            diagnoses.createdOn.append(
                days.day(of: try known(Instant(stored: record.createdAt), "diagnoses.created_at")))
            spellings.append(record.condition)
        }
        return (diagnoses, spellings)
    }

    /// - Returns: the recommendations, and the spelling of the herb of each.
    func recommendations(
        _ span: RecordSpan<RecommendationRecord>, _ diagnoses: PositionIndex<Diagnosis>, _ herbs: SpellingColumn
    ) throws -> (columns: RecommendationColumns, spellings: [Int32]) {
        var recommendations = RecommendationColumns()
        var spellings: [Int32] = []
        let room = try room(for: span)
        recommendations.reserveCapacity(room)
        spellings.reserveCapacity(room)
        var days = days
        try forEach(in: span) { record in
            recommendations.ids.append(RecommendationID(rawValue: record.id))
            recommendations.diagnosis.append(
                try known(diagnoses[DiagnosisID(rawValue: record.diagnosis)], "recommendations.diagnosis_id"))
            recommendations.herb.append(try known(herbs[record.herb], "recommendations.herb_id"))
            recommendations.createdOn.append(
                days.day(of: try known(Instant(stored: record.createdAt), "recommendations.created_at")))
            spellings.append(record.herb)
        }
        return (recommendations, spellings)
    }

    /// - Returns: the feedback that counts.
    func feedback(
        _ span: RecordSpan<FeedbackRecord>, _ recommendations: PositionIndex<Recommendation>
    ) throws -> CaseColumns {
        var cases = CaseColumns()
        cases.reserveCapacity(try room(for: span))
        var days = days
        try forEach(in: span) { record in
            let createdAt = try known(Instant(stored: record.createdAt), "feedback.created_at")
            guard record.isPossible else { throw DatabaseError.unknown("feedback") }
            let day = days.day(of: createdAt)
            if day > asOf { return }
            let recommendation = try known(
                recommendations[RecommendationID(rawValue: record.recommendation)], "feedback.recommendation_id")
            if record.isWithdrawn { return }
            cases.ids.append(FeedbackID(rawValue: record.id))
            cases.recommendation.append(recommendation)
            cases.rating.append(record.rating)
            cases.improvement.append(record.improvement)
            cases.compliance.append(record.compliance)
            cases.createdAt.append(createdAt)
            cases.day.append(day)
        }
        return cases
    }
}
