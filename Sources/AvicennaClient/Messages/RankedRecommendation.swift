/// A recommendation at its place in the ranking of its diagnosis.
public struct RankedRecommendation: Hashable, Sendable, Decodable {
    private enum CodingKeys: String, CodingKey {
        case herb, rank, score, confidence, reasoning, experience
        case recommendationID = "recommendation_id"
        case experienceWith = "experience_with"
        case similarPatients = "similar_patients"
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
    /// How well it is expected to work, 0…1. For a patient it is rounded to tenths, and `nil` where too few patients have
    /// given feedback on the herb.
    public let score: Double?
    /// How sure that is, 0…1; `nil` for a patient.
    public let confidence: Double?
    /// Why; `nil` for a patient.
    public let reasoning: Reasoning?
    /// How many patients have given feedback, roughly; `nil` for staff.
    public let experience: Experience?
    /// Whose feedback `experience` counts; `nil` for staff.
    public let experienceWith: ExperienceBasis?
    /// For how many of the similar patients the herb worked, roughly; `nil` for staff, and where there are too few.
    public let similarPatients: SimilarShare?

    /// How many patients have given feedback.
    public enum Experience: String, Hashable, Sendable, Decodable {
        /// Fewer than 20.
        case little
        /// 20 to 49.
        case some
        /// 50 to 199.
        case good
        /// 200 or more.
        case large
    }

    /// Whose feedback an experience counts.
    public enum ExperienceBasis: String, Hashable, Sendable, Decodable {
        /// That of patients who took the herb for the condition.
        case treatment
        /// That of patients who took the herb for any condition.
        case herb
    }

    /// The share of similar patients for whom the herb worked.
    public enum SimilarShare: String, Hashable, Sendable, Decodable {
        /// At least 0.65.
        case most
        /// Between `few` and `most`.
        case aboutHalf = "about_half"
        /// At most 0.35.
        case few
    }
}
