public import Domain

/// A case with all that reports say of it.
public struct FeedbackCase: Equatable, Sendable {
    /// The feedback.
    public var id: FeedbackID
    /// The recommendation it judges.
    public var recommendation: RecommendationID
    /// The diagnosis of the recommendation.
    public var diagnosis: DiagnosisID
    /// The patient of the diagnosis.
    public var patient: PatientID
    /// The patient's temperament.
    public var mizaj: Mizaj
    /// The herb that was recommended.
    public var herb: TermID
    /// The condition that was diagnosed.
    public var condition: TermID
    /// The patient's judgement, 1…5.
    public var rating: Int
    /// How far the symptoms improved, 1…5, where said.
    public var improvement: Int?
    /// How much was taken, 0…1, where said.
    public var compliance: Double?
    /// The clinic's day on which it was given.
    public var day: Day
    /// Side effects as they were entered, joined by `;`; `nil` where there are none.
    public var sideEffects: String?
    /// Free text; `nil` where there is none.
    public var comment: String?

    /// A case.
    public init(
        id: FeedbackID, recommendation: RecommendationID, diagnosis: DiagnosisID, patient: PatientID, mizaj: Mizaj,
        herb: TermID, condition: TermID, rating: Int, improvement: Int?, compliance: Double?, day: Day,
        sideEffects: String?, comment: String?
    ) {
        self.id = id
        self.recommendation = recommendation
        self.diagnosis = diagnosis
        self.patient = patient
        self.mizaj = mizaj
        self.herb = herb
        self.condition = condition
        self.rating = rating
        self.improvement = improvement
        self.compliance = compliance
        self.day = day
        self.sideEffects = sideEffects
        self.comment = comment
    }

    /// What the case is about at a level.
    public func subject(at level: Level) -> Subject {
        switch level {
        case .recommendation: .recommendation(recommendation)
        case .diagnosis: .diagnosis(diagnosis)
        case .herb: .herb(herb)
        case .condition: .condition(condition)
        case .treatment: .treatment(herb: herb, condition: condition)
        case .cohort: .cohort(mizaj, herb: herb, condition: condition)
        case .overall: .all
        }
    }
}
