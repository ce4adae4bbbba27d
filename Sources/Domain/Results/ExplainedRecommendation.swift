/// A place of a diagnosis's ranking with the patients that its similar component rests on.
public struct ExplainedRecommendation: Equatable, Sendable {
    /// The recommendation, its herb and its prediction.
    public var place: RankedRecommendation
    /// The displayed spelling of the herb.
    public var herb: String
    /// The most similar patients, the nearest first.
    public var similar: [SimilarPatient]

    /// A place with its herb and similar patients.
    public init(place: RankedRecommendation, herb: String, similar: [SimilarPatient]) {
        self.place = place
        self.herb = herb
        self.similar = similar
    }

    /// A patient who is similar to another.
    public struct SimilarPatient: Equatable, Sendable {
        /// The patient.
        public var patient: PatientID
        /// Distance of the two patients, 0 (alike) to 3.5.
        public var distance: Double
        /// Whether their newest case of the herb is a success.
        public var isSuccess: Bool

        /// A patient at a distance.
        public init(patient: PatientID, distance: Double, isSuccess: Bool) {
            self.patient = patient
            self.distance = distance
            self.isSuccess = isSuccess
        }
    }
}
