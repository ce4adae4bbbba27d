extension PatientPrediction {
    /// The members that messages and answers show to patients.
    package var members: KeyValuePairs<String, JSON> {
        [
            "rank": JSON(Int(rank)), "score": JSON(score), "experience": .text(experience.rawValue),
            "experience_with": .text(basis.rawValue), "similar_patients": JSON(similar?.rawValue),
        ]
    }
}
