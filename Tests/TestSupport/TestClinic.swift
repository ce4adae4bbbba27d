public import Domain
public import Store
import StoreSQLite

/// A clinic's records, which a test can write to a database or as import files, or turn into columns directly.
public struct TestClinic: Sendable {
    /// Patients.
    public var patients: [Patient] = []
    /// Diagnoses.
    public var diagnoses: [Diagnosis] = []
    /// Recommendations.
    public var recommendations: [Recommendation] = []
    /// Feedback.
    public var feedback: [Feedback] = []

    /// A clinic without records.
    public init() {}

    /// Adds a patient.
    @discardableResult
    public mutating func patient(_ mizaj: Mizaj = .motadel, sex: Sex? = nil, born: Int? = nil) -> PatientID {
        let id = PatientID(rawValue: Int64(patients.count + 1))
        patients.append(Patient(id: id, mizaj: mizaj, sex: sex, birthYear: born))
        return id
    }

    /// Adds a diagnosis with one recommendation.
    @discardableResult
    public mutating func recommendation(
        _ herb: String, for condition: String, symptoms: [String] = [], to patient: PatientID, on day: Day
    ) -> RecommendationID {
        let diagnosis = DiagnosisID(rawValue: Int64(diagnoses.count + 1))
        diagnoses.append(
            Diagnosis(
                id: diagnosis, patient: patient, condition: condition, symptoms: symptoms, createdAt: noon(of: day)))
        return recommendation(herb, in: diagnosis, on: day)
    }

    /// Adds a recommendation to a diagnosis.
    @discardableResult
    public mutating func recommendation(_ herb: String, in diagnosis: DiagnosisID, on day: Day) -> RecommendationID {
        let id = RecommendationID(rawValue: Int64(recommendations.count + 1))
        recommendations.append(
            Recommendation(id: id, diagnosis: diagnosis, herb: herb, createdAt: noon(of: day)))
        return id
    }

    /// Adds a feedback.
    public mutating func rate(
        _ recommendation: RecommendationID, _ stars: Int, on day: Day, deleted: Bool = false,
        sideEffects: [String] = [], comment: String? = nil
    ) {
        guard let rating = Rating(stars) else { preconditionFailure("\(stars) is no rating") }
        feedback.append(
            Feedback(
                id: FeedbackID(rawValue: Int64(feedback.count + 1)), recommendation: recommendation, rating: rating,
                improvement: nil, compliance: nil, sideEffects: sideEffects, comment: comment, createdAt: noon(of: day),
                deletedAt: deleted ? noon(of: day) : nil))
    }

    private func noon(of day: Day) -> Instant {
        Instant(seconds: Int64(day.daysSinceEpoch) * 86_400 + 43_200)
    }

    /// Writes all records into a database, parents first, in the order in which they stand.
    public func write(to database: any ClinicStore, source: String = "clinic") throws {
        try database.importRecords(from: source, at: Instant(seconds: 0), firstNumber: 1) { writer in
            for patient in patients { _ = try writer.write(patient) }
            for diagnosis in diagnoses { _ = try writer.write(diagnosis) }
            for recommendation in recommendations { _ = try writer.write(recommendation) }
            for feedback in feedback { _ = try writer.write(feedback) }
        }
    }

    /// The columns of the clinic, in UTC, by way of a database.
    public func columns(asOf: Day) throws -> Clinic {
        let folder = try TemporaryFolder()
        let database = try openDatabase(at: folder.path("clinic.db"), create: true)
        try write(to: database)
        return try database.clinic(asOf: asOf, in: .utc)
    }

    /// A clinic of few herbs, conditions, symptoms, years and instants, so that everything collides often.
    public static func random(
        _ seed: Int, patients: Int, recommendations: Int, feedback: Int, symptoms: Int = 8, until last: Day
    ) -> Self {
        var random = TestRandom(seed)
        var clinic = Self()
        for _ in 0..<patients {
            clinic.patient(
                Mizaj.allCases.randomElement(using: &random) ?? .motadel,
                sex: [nil, .female, .male].randomElement(using: &random) ?? nil,
                born: Bool.random(using: &random) ? Int.random(in: 1940...2005, using: &random) : nil)
        }
        for _ in 0..<recommendations {
            let day = last - Int.random(in: -3...200, using: &random)
            let chosen = (0..<Int.random(in: 0...4, using: &random)).map { _ in
                "s\(Int.random(in: 0..<symptoms, using: &random))"
            }
            clinic.recommendation(
                "herb \(Int.random(in: 0..<3, using: &random))", for: "c\(Int.random(in: 0..<3, using: &random))",
                symptoms: chosen, to: PatientID(rawValue: Int64.random(in: 1...Int64(patients), using: &random)),
                on: day)
        }
        for _ in 0..<feedback {
            let recommendation = Int.random(in: 0..<recommendations, using: &random)
            clinic.rate(
                clinic.recommendations[recommendation].id, Int.random(in: 1...5, using: &random),
                on: last - Int.random(in: -3...150, using: &random),
                deleted: Int.random(in: 0..<20, using: &random) == 0)
        }
        return clinic
    }
}

/// A day in a test, such as `day("2026-10-20")`.
public func day(_ text: String) -> Day {
    guard let day = Day(text) else { preconditionFailure("\(text) is no day") }
    return day
}

/// An instant in a test, such as `instant("2026-10-20T09:30:00Z")`.
public func instant(_ text: String) -> Instant {
    guard let instant = Instant(rfc3339: text) else { preconditionFailure("\(text) is no instant") }
    return instant
}

extension PublishedResults {
    /// The published predictions.
    public func predictions() throws -> Keyed<RecommendationID, Prediction> {
        let places = try rankedRecommendations()
        return Keyed(keys: places.map(\.recommendation), values: places.map(\.prediction))
    }
}
