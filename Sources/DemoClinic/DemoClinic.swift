import Configuration
public import Domain
public import Foundation

/// A made-up clinic: believable records of two years, of any size, the same bytes for the same seed.
///
/// For each feedback there are a tenth of a patient, a fifth of a diagnosis and half a recommendation. Treatments work
/// differently for different temperaments, and a few change in the last month.
public struct DemoClinic: Sendable {
    /// Feedback in all.
    public var feedback: Int
    /// What chance follows from.
    public var seed: UInt64
    /// The last day that has records.
    public var lastDay: Day

    private static let days = 730

    /// A clinic of a size.
    public init(feedback: Int, seed: UInt64, lastDay: Day) {
        self.feedback = feedback
        self.seed = seed
        self.lastDay = lastDay
    }

    private var patientCount: Int { max(1, feedback / 10) }
    private var diagnosisCount: Int { max(1, feedback / 5) }
    private var recommendationCount: Int { max(1, feedback / 2) }

    /// Writes the four import files into a folder, which is made where it is missing.
    ///
    /// - Throws: `UnwritableFile`.
    public func write(to folder: URL) throws {
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw UnwritableFile(path: folder.relativePath, reason: error.localizedDescription)
        }
        try writePatients(to: folder)
        try writeTreatments(to: folder)
    }

    // MARK: Patients

    private struct DemoPatient {
        let mizaj: Mizaj
        let sex: Sex?
        let birthYear: Int?
    }

    /// A patient follows from the seed and the number alone, so that none needs to be remembered.
    private func patient(_ number: Int) -> DemoPatient {
        var chance = SeededGenerator(seed: seed, stream: UInt64(number))
        let mizaj = Mizaj.allCases[[0, 0, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 4, 4][chance.below(14)]]
        let sex: Sex? = chance.chance(0.04) ? nil : chance.chance(0.62) ? .female : .male
        let age = 12 + chance.below(38) + chance.below(38)
        return DemoPatient(mizaj: mizaj, sex: sex, birthYear: chance.chance(0.05) ? nil : lastDay.date.year - age)
    }

    private func writePatients(to folder: URL) throws {
        let file = try RecordFile(
            folder.appending(path: "patients.csv").path, header: "patient_id,mizaj_type,sex,birth_year")
        for number in 1...patientCount {
            let patient = patient(number)
            file.field(number)
            file.field(patient.mizaj.rawValue)
            file.field(patient.sex?.rawValue ?? "")
            if let year = patient.birthYear { file.field(year) } else { file.field() }
            try file.endRecord()
        }
        try file.finish()
    }

    // MARK: Diagnoses, recommendations and feedback

    private func writeTreatments(to folder: URL) throws {
        let diagnoses = try RecordFile(
            folder.appending(path: "diagnoses.csv").path,
            header: "diagnosis_id,patient_id,condition,symptoms,created_at")
        let recommendations = try RecordFile(
            folder.appending(path: "recommendations.csv").path,
            header: "recommendation_id,diagnosis_id,herb,created_at")
        var feedback = FeedbackWriter(
            file: try RecordFile(
                folder.appending(path: "feedback.csv").path,
                header: "feedback_id,recommendation_id,rating,symptom_improvement,compliance,side_effects,comment,"
                    + "created_at,deleted_at"),
            remaining: self.feedback, remainingRecommendations: recommendationCount, end: end)

        var chance = SeededGenerator(seed: seed)
        var recommendation = 0
        for number in 1...diagnosisCount {
            let patientNumber = 1 + chance.below(patientCount)
            let patient = patient(patientNumber)
            let condition = Self.condition(&chance)
            let createdAt = instant(ofDiagnosis: number, &chance)
            diagnoses.field(number)
            diagnoses.field(patientNumber)
            diagnoses.field(Pharmacopoeia.conditions[condition].name)
            diagnoses.field(Self.symptoms(of: condition, &chance))
            diagnoses.field(createdAt)
            try diagnoses.endRecord()

            let last = recommendationCount * number / diagnosisCount
            let herbs = Self.herbs(for: condition, count: last - recommendation, &chance)
            for (place, herb) in herbs.enumerated() {
                recommendation += 1
                let recommendedAt = Instant(seconds: createdAt.seconds + Int64(60 * (place + 1)))
                recommendations.field(recommendation)
                recommendations.field(number)
                recommendations.field(Self.spelling(of: herb, &chance))
                recommendations.field(recommendedAt)
                try recommendations.endRecord()
                try feedback.write(
                    on: recommendation, herb: herb, condition: condition, mizaj: patient.mizaj,
                    recommendedAt: recommendedAt, &chance)
            }
        }
        try diagnoses.finish()
        try recommendations.finish()
        try feedback.file.finish()
    }

    /// The end of the last day in Iran, whose clocks stand at +03:30.
    private var end: Int64 { Int64((lastDay + 1).daysSinceEpoch) * 86_400 - 12_600 }

    /// Diagnoses are spread evenly over the two years, in working hours.
    private func instant(ofDiagnosis number: Int, _ chance: inout SeededGenerator) -> Instant {
        let day = Self.days - 1 - (number - 1) * Self.days / diagnosisCount
        let midnight = end - Int64(day + 1) * 86_400
        return Instant(seconds: midnight + 8 * 3600 + Int64(chance.below(11 * 3600)))
    }

    private static let weightSum = Pharmacopoeia.conditions.reduce(0) { $0 + $1.weight }

    private static func condition(_ chance: inout SeededGenerator) -> Int {
        var rest = chance.below(weightSum)
        for (position, condition) in Pharmacopoeia.conditions.enumerated() {
            rest -= condition.weight
            if rest < 0 { return position }
        }
        return 0
    }

    private static func symptoms(of condition: Int, _ chance: inout SeededGenerator) -> [String] {
        let known = Pharmacopoeia.conditions[condition].symptoms
        let count = chance.below(5)
        var chosen: [Int] = []
        while chosen.count < count {
            let symptom = min(chance.below(known.count), chance.below(known.count))  // the typical ones more often
            if !chosen.contains(symptom) { chosen.append(symptom) }
        }
        return chosen.sorted().map { known[$0] }
    }

    private static func herbs(for condition: Int, count: Int, _ chance: inout SeededGenerator) -> [Int] {
        let suitable = Pharmacopoeia.conditions[condition].herbs
        var chosen: [Int] = []
        while chosen.count < count {
            let herb = suitable[min(chance.below(suitable.count), chance.below(suitable.count))]
            if !chosen.contains(herb) || chosen.count >= suitable.count { chosen.append(herb) }
        }
        return chosen
    }

    private static func spelling(of herb: Int, _ chance: inout SeededGenerator) -> String {
        let herb = Pharmacopoeia.herbs[herb]
        guard !herb.otherSpellings.isEmpty, chance.chance(0.06) else { return herb.name }
        return herb.otherSpellings[chance.below(herb.otherSpellings.count)]
    }
}
