/// What is published of a prediction, apart from the historical evidence that all predictions of its treatment share: so one
/// more case of a treatment does not rewrite thousands of them.
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
    /// The balanced score that live clients last received, 0…1.
    public var lastPublishedScore: Double

    /// What is published of a prediction with these values.
    public init(
        diagnosis: DiagnosisID, treatment: Subject, similarPatients: Int32, similarSuccesses: Int32, rank: Int32,
        lastPublishedScore: Double
    ) {
        self.diagnosis = diagnosis
        self.treatment = treatment
        self.similarPatients = similarPatients
        self.similarSuccesses = similarSuccesses
        self.rank = rank
        self.lastPublishedScore = lastPublishedScore
    }

    /// What is published of a prediction.
    ///
    /// - Parameter lastPublishedScore: the balanced score that live clients last received.
    public init(_ prediction: Prediction, of treatment: Subject, lastPublishedScore: Double) {
        self.init(
            diagnosis: prediction.diagnosis, treatment: treatment, similarPatients: prediction.similarPatients,
            similarSuccesses: prediction.similarSuccesses, rank: prediction.rank, lastPublishedScore: lastPublishedScore
        )
    }
}
