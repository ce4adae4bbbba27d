/// Which cases the historical component of a score rests on.
public enum HistoricalBasis: String, CaseIterable, BitwiseCopyable, Sendable {
    /// The herb for the condition, last 90 days.
    case treatment90 = "treatment/90"
    /// The herb for the condition, all days.
    case treatmentAll = "treatment/all"
    /// The herb, last 90 days.
    case herb90 = "herb/90"
    /// The herb, all days.
    case herbAll = "herb/all"
    /// Everything, all days.
    case overallAll = "overall/all"
    /// There is no case at all.
    case none = "none"

    /// Position in `allCases`, 0…5; stored, so the order never changes.
    public var ordinal: Int {
        switch self {
        case .treatment90: 0
        case .treatmentAll: 1
        case .herb90: 2
        case .herbAll: 3
        case .overallAll: 4
        case .none: 5
        }
    }
}

/// The cases that the historical component rests on, in all predictions of one herb for one condition.
public struct HistoricalEvidence: ResultRow, Hashable, Sendable {
    /// Which cases they are.
    public var basis: HistoricalBasis
    /// How many cases there are.
    public var samples: Int32
    /// Successes among them.
    public var successes: Int32

    /// Evidence with its counts.
    public init(basis: HistoricalBasis, samples: Int32, successes: Int32) {
        self.basis = basis
        self.samples = samples
        self.successes = successes
    }
}

/// How boldly a score is stated.
public enum ScoreLevel: String, CaseIterable, Sendable {
    /// Scores lowered by 15 %.
    case conservative
    /// Scores as they are.
    case balanced
    /// Scores raised by 15 %, which count only with a confidence of at least 0.7.
    case aggressive
}

/// What to expect of a recommendation: the counts that its scores follow from, and the balanced score.
public struct Prediction: ResultRow, Hashable, BitwiseCopyable, Sendable {
    /// The diagnosis within which it is ranked.
    public var diagnosis: DiagnosisID
    /// What the historical component rests on.
    public var basis: HistoricalBasis
    /// Cases of the basis.
    public var historicalSamples: Int32
    /// Successes among them.
    public var historicalSuccesses: Int32
    /// Similar patients found, 0…20.
    public var similarPatients: Int32
    /// Those of them whose case is a success.
    public var similarSuccesses: Int32
    /// Balanced score, 0…1.
    public var score: Double
    /// Confidence of the score, 0…1.
    public var confidence: Double
    /// Balanced rank within the diagnosis, from 1.
    public var rank: Int32

    /// A prediction whose score follows from its counts.
    public init(
        diagnosis: DiagnosisID, basis: HistoricalBasis, historicalSamples: Int32, historicalSuccesses: Int32,
        similarPatients: Int32, similarSuccesses: Int32, score: Double, confidence: Double, rank: Int32
    ) {
        self.diagnosis = diagnosis
        self.basis = basis
        self.historicalSamples = historicalSamples
        self.historicalSuccesses = historicalSuccesses
        self.similarPatients = similarPatients
        self.similarSuccesses = similarSuccesses
        self.score = score
        self.confidence = confidence
        self.rank = rank
    }
}
