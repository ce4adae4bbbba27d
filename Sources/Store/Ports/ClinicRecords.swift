public import Domain

/// The records of the clinic as of one moment, for those who ask for some of them.
public protocol ClinicRecords {
    /// A patient; `nil` where there is none of that number.
    func patient(_ id: PatientID) throws -> Patient?
    /// A diagnosis; `nil` where there is none of that number.
    func diagnosis(_ id: DiagnosisID) throws -> Diagnosis?
    /// A recommendation; `nil` where there is none of that number.
    func recommendation(_ id: RecommendationID) throws -> Recommendation?
    /// A feedback, also one that was withdrawn; `nil` where there is none of that number.
    func feedback(_ id: FeedbackID) throws -> Feedback?

    /// Patients after one, by ascending id, at most `limit`.
    func patients(after last: PatientID?, limit: Int) throws -> [Patient]
    /// Diagnoses after one, by ascending id, at most `limit`.
    func diagnoses(after last: DiagnosisID?, limit: Int) throws -> [Diagnosis]
    /// Recommendations after one, by ascending id, at most `limit`.
    func recommendations(after last: RecommendationID?, limit: Int) throws -> [Recommendation]

    /// Whose diagnosis it is; `nil` where there is none of that number.
    func patient(of diagnosis: DiagnosisID) throws -> PatientID?
    /// Whose recommendation it is; `nil` where there is none of that number.
    func patient(of recommendation: RecommendationID) throws -> PatientID?
    /// The diagnoses of a patient after one, by ascending id, at most `limit`.
    func diagnoses(of patient: PatientID, after last: DiagnosisID?, limit: Int) throws -> [Diagnosis]
    /// The recommendations of a diagnosis, by ascending id.
    func recommendations(of diagnosis: DiagnosisID) throws -> [Recommendation]
    /// The feedback of a diagnosis that was not withdrawn, the newest id first, before one, at most `limit`.
    func feedback(of diagnosis: DiagnosisID, before last: FeedbackID?, limit: Int) throws -> [Feedback]
    /// The feedback on a recommendation that was not withdrawn, by ascending id.
    func feedback(on recommendation: RecommendationID) throws -> [Feedback]
    /// What was said of a recommendation; `nil` where there is none of that number.
    func summary(of recommendation: RecommendationID) throws -> FeedbackSummary?
    /// The term of a herb or condition in any spelling; `nil` where no record names it.
    func term(_ name: String, _ kind: NameKind) throws -> TermID?
}

/// What a name names.
public enum NameKind: String, Sendable {
    /// A herb.
    case herb
    /// A condition.
    case condition
}

/// What was said of one recommendation, without what was withdrawn.
public struct FeedbackSummary: Equatable, Sendable {
    /// The most side effects that a summary lists.
    public static let maxSideEffects = 50

    /// The recommendation.
    public var recommendation: RecommendationID
    /// Its diagnosis.
    public var diagnosis: DiagnosisID
    /// Counts and sums, with successes left at 0: what is one is for the settings to say.
    public var tally: Tally
    /// How often each rating from 1 to 5 was given.
    public var ratings: [Int]
    /// How many feedback mention each side effect, the most frequent first and equally frequent ones by key; at most
    /// `maxSideEffects`.
    public var sideEffects: [(name: String, count: Int)]
    /// How many different side effects are mentioned, those that are not listed included.
    public var sideEffectCount: Int
    /// When the newest was given; `nil` where there is none.
    public var newest: Instant?

    /// Nothing was said yet.
    public init(of recommendation: RecommendationID, in diagnosis: DiagnosisID) {
        self.recommendation = recommendation
        self.diagnosis = diagnosis
        tally = Tally()
        ratings = [Int](repeating: 0, count: 5)
        sideEffects = []
        sideEffectCount = 0
    }

    /// Whether both say the same.
    public static func == (left: Self, right: Self) -> Bool {
        left.recommendation == right.recommendation && left.diagnosis == right.diagnosis && left.tally == right.tally
            && left.ratings == right.ratings && left.newest == right.newest
            && left.sideEffectCount == right.sideEffectCount
            && left.sideEffects.elementsEqual(right.sideEffects, by: ==)
    }
}

extension FeedbackUpdate {
    /// The update that followers receive after a change.
    init(_ summary: FeedbackSummary) {
        self.init(
            recommendation: summary.recommendation, samples: summary.tally.samples, ratingSum: summary.tally.ratingSum,
            improvements: summary.tally.improvements, improvementSum: summary.tally.improvementSum,
            sideEffects: summary.sideEffects.map { SideEffect(name: $0.name, count: $0.count) },
            sideEffectCount: summary.sideEffectCount)
    }
}
