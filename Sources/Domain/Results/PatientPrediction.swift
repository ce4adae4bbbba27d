/// What patients see of a prediction: coarse values from which no single feedback of another patient can be told. They move
/// with the first run of a day only.
///
/// See "What a patient sees of predictions" in docs/definitions.md.
public struct PatientPrediction: ResultRow, Hashable, BitwiseCopyable, Sendable {
    /// Rank by the balanced score within the diagnosis, from 1.
    public var rank: Int32
    /// The balanced score in tenths, 0…10; `nil` where too few patients have a case.
    public var tenths: Int8?
    /// How many patients have a case, roughly.
    public var experience: Experience
    /// Whose cases `tenths` and `experience` count.
    public var basis: ExperienceBasis
    /// For how many of the similar patients the herb worked, roughly; `nil` where there are too few similar patients.
    public var similar: SimilarShare?

    /// A prediction with coarse values.
    public init(
        rank: Int32, tenths: Int8?, experience: Experience, basis: ExperienceBasis, similar: SimilarShare?
    ) {
        self.rank = rank
        self.tenths = tenths
        self.experience = experience
        self.basis = basis
        self.similar = similar
    }

    /// The balanced score, rounded to 10 percentage points; `nil` where too few patients have a case.
    public var score: Double? { tenths.map { Double($0) / 10 } }
}

/// How many patients have a case of a treatment or herb over all days. The raw values are stored and sent to clients.
public enum Experience: String, CaseIterable, BitwiseCopyable, Sendable {
    /// Fewer than 20.
    case little
    /// 20 to 49.
    case some
    /// 50 to 199.
    case good
    /// 200 or more.
    case large
}

/// Whose cases an experience counts. The raw values are stored.
public enum ExperienceBasis: String, CaseIterable, BitwiseCopyable, Sendable {
    /// The herb for the condition.
    case treatment
    /// The herb for any condition.
    case herb
}

/// The share of the similar patients whose case is a success. The raw values are stored and sent to clients.
public enum SimilarShare: String, CaseIterable, BitwiseCopyable, Sendable {
    /// At least 0.65.
    case most
    /// Between `few` and `most`.
    case aboutHalf = "about_half"
    /// At most 0.35.
    case few
}

/// What patients see of a run's predictions.
public struct PatientView: Sendable {
    /// The clinic's day, by the clock, whose first run it is from.
    public var day: Day
    /// What patients see of each recommendation that is scored.
    public var predictions: Keyed<RecommendationID, PatientPrediction>

    /// A view from the first run of a day.
    public init(day: Day, predictions: Keyed<RecommendationID, PatientPrediction>) {
        self.day = day
        self.predictions = predictions
    }
}

/// One place of a diagnosis's ranking as patients see it.
public struct PatientPlace: Equatable, Sendable {
    /// The recommendation.
    public var recommendation: RecommendationID
    /// What its patient sees of the prediction.
    public var prediction: PatientPrediction

    /// A place of a ranking.
    public init(recommendation: RecommendationID, prediction: PatientPrediction) {
        self.recommendation = recommendation
        self.prediction = prediction
    }
}
