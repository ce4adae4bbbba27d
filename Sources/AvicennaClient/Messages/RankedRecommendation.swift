/// A recommendation at its place in the ranking of its diagnosis.
public struct RankedRecommendation: Hashable, Sendable, Decodable {
    private enum CodingKeys: String, CodingKey {
        case herb, rank, score, confidence, reasoning
        case recommendationID = "recommendation_id"
    }

    /// Why it has its score.
    public struct Reasoning: Hashable, Sendable, Decodable {
        /// What is known of the herb, from all patients.
        public struct Historical: Hashable, Sendable, Decodable {
            /// Its share of the score, before weighting, 0…1.
            public let value: Double
            /// Whose cases those are, such as `treatment/90`: the herb for the condition, last 90 days.
            public let basis: String
            /// Cases.
            public let samples: Int
            /// Successes among them.
            public let successes: Int
        }

        /// What is known from patients like this one.
        public struct Similar: Hashable, Sendable, Decodable {
            /// Its share of the score, before weighting, 0…1.
            public let value: Double
            /// Patients like this one who took the herb.
            public let patients: Int
            /// Those whom it helped.
            public let successes: Int
        }

        /// What is known from symptoms.
        public struct Symptom: Hashable, Sendable, Decodable {
            /// Its share of the score, before weighting, 0…1.
            public let value: Double
        }

        /// What is known of the herb.
        public let historical: Historical
        /// What is known from patients like this one.
        public let similar: Similar
        /// What is known from symptoms.
        public let symptom: Symptom
    }

    /// The recommendation.
    public let recommendationID: Int64
    /// Its herb.
    public let herb: String
    /// Its place, from 1.
    public let rank: Int
    /// How well it is expected to work, 0…1.
    public let score: Double
    /// How sure that is, 0…1.
    public let confidence: Double
    /// Why.
    public let reasoning: Reasoning
}
