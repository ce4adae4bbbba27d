extension Patient {
    /// All fields as one line of JSON, as the audit log has them.
    public var auditText: String {
        let json: JSON = [
            "id": JSON(id), "mizaj_type": .text(mizaj.rawValue), "sex": JSON(sex?.rawValue),
            "birth_year": JSON(birthYear),
        ]
        return json.description
    }
}

extension Diagnosis {
    /// All fields as one line of JSON, as the audit log has them.
    public var auditText: String {
        let json: JSON = [
            "id": JSON(id), "patient_id": JSON(patient), "condition": .text(condition),
            "symptoms": JSON(symptoms.map { .text($0) }), "created_at": JSON(createdAt),
        ]
        return json.description
    }
}

extension Recommendation {
    /// All fields as one line of JSON, as the audit log has them.
    public var auditText: String {
        let json: JSON = [
            "id": JSON(id), "diagnosis_id": JSON(diagnosis), "herb": .text(herb), "created_at": JSON(createdAt),
        ]
        return json.description
    }
}

extension Feedback {
    /// All fields as one line of JSON, as the audit log has them.
    public var auditText: String {
        let json: JSON = [
            "id": JSON(id), "recommendation_id": JSON(recommendation), "rating": JSON(rating.value),
            "symptom_improvement": JSON(improvement?.value),
            "compliance": JSON(compliance.map { Double($0.billionths) / Double(Compliance.scale) }),
            "side_effects": JSON(sideEffects.map { .text($0) }), "comment": JSON(comment),
            "created_at": JSON(createdAt), "deleted_at": JSON(deletedAt),
        ]
        return json.description
    }
}
