public import Domain

/// What patients see of what runs published: coarse, and from the first run of a day. There is no way from here to exact figures.
public protocol PatientResults {
    /// Which run their view is from; `nil` before the first.
    func patientPublication() throws -> PatientPublication?
    /// The ranking of a diagnosis as its patient sees it, best first; empty where it is not active or new.
    func patientRanking(of diagnosis: DiagnosisID) throws -> [PatientPlace]
    /// What the patient saw of the recommendations of a diagnosis, by recommendation, from the first day to now.
    func pastPatientPredictions(of diagnosis: DiagnosisID) throws -> [PastPatientPrediction]
}

/// The run that the patients' view is from.
public struct PatientPublication: Equatable, Sendable {
    /// The clinic's day, by the clock, whose first run it was.
    public var day: Day
    /// The day that its results are of.
    public var asOf: Day
    /// When it was published.
    public var publishedAt: Instant

    /// A publication of the patients' view.
    public init(day: Day, asOf: Day, publishedAt: Instant) {
        self.day = day
        self.asOf = asOf
        self.publishedAt = publishedAt
    }
}

/// What patients saw of a prediction for some days.
public struct PastPatientPrediction: Equatable, Sendable {
    /// The recommendation.
    public var recommendation: RecommendationID
    /// What was seen.
    public var prediction: PatientPrediction
    /// The clinic's day from which on it was seen.
    public var since: Day
    /// The clinic's day on which it was replaced; `nil` for what is seen now.
    public var until: Day?

    /// A prediction that patients saw from one day to another.
    public init(recommendation: RecommendationID, prediction: PatientPrediction, since: Day, until: Day?) {
        self.recommendation = recommendation
        self.prediction = prediction
        self.since = since
        self.until = until
    }
}
