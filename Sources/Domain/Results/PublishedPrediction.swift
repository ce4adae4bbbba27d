/// What is published of a prediction, beside the body of cases that all predictions of its treatment share: so one more case
/// of a treatment does not rewrite thousands of them.
public struct PublishedPrediction: ResultRow, Equatable, Sendable {
    /// The diagnosis within which it is ranked.
    public var diagnosis: DiagnosisID
    /// The herb and the condition.
    public var treatment: Subject
    /// Similar patients found, 0…20.
    public var similarPatients: Int32
    /// Those of them whose case is a success.
    public var similarSuccesses: Int32
    /// Balanced rank within the diagnosis, from 1.
    public var rank: Int32
    /// The balanced score that live clients were last told, 0…1.
    public var toldScore: Double

    /// A move of the balanced score that live clients are told of.
    public static let smallestMove = 0.05

    /// What is published of a prediction with these values.
    public init(
        diagnosis: DiagnosisID, treatment: Subject, similarPatients: Int32, similarSuccesses: Int32, rank: Int32,
        toldScore: Double
    ) {
        self.diagnosis = diagnosis
        self.treatment = treatment
        self.similarPatients = similarPatients
        self.similarSuccesses = similarSuccesses
        self.rank = rank
        self.toldScore = toldScore
    }

    /// What is published of a prediction.
    ///
    /// - Parameter toldScore: the score that live clients know.
    public init(_ prediction: Prediction, of treatment: Subject, toldScore: Double) {
        self.init(
            diagnosis: prediction.diagnosis, treatment: treatment, similarPatients: prediction.similarPatients,
            similarSuccesses: prediction.similarSuccesses, rank: prediction.rank, toldScore: toldScore)
    }

    /// The prediction.
    ///
    /// - Parameter body: that of its treatment.
    public func prediction(on body: HistoricalBody) -> Prediction {
        Prediction(
            diagnosis: diagnosis, body: body, similarPatients: similarPatients, similarSuccesses: similarSuccesses,
            rank: rank)
    }

    /// Whether live clients are told of the prediction that takes its place: where the rank is another, or the balanced score
    /// lies at least `smallestMove` from the one that they were last told. A score that creeps is told once it has crept that
    /// far.
    public func isNews(_ prediction: Prediction) -> Bool {
        // Rounded, so that a move of 0.05 is 0.05.
        let move = (abs(prediction.score - toldScore) * 1e12).rounded() / 1e12
        return prediction.rank != rank || prediction.diagnosis != diagnosis || move >= Self.smallestMove
    }
}
