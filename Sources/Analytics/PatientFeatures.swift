import Domain
import Statistics

/// What the distance between two patients depends on: the condition and symptoms of a diagnosis, sex and birth year.
struct PatientFeatures: Hashable, Comparable, BitwiseCopyable, Sendable {
    var condition: Int32
    var symptomSet: Int32
    /// One bit, see `mask(of:)`.
    var sex: UInt8
    var birthYear: Int16

    /// An order by condition, sex, symptoms and birth year.
    static func < (left: Self, right: Self) -> Bool {
        (left.condition, left.sex, left.symptomSet, left.birthYear)
            < (right.condition, right.sex, right.symptomSet, right.birthYear)
    }

    /// The bit of an unknown sex, which is never the same as another's.
    static let unknownSex: UInt8 = 1

    /// Whether the patient is known to be of a sex.
    @inline(__always)
    func isOf(sex other: UInt8) -> Bool { sex != Self.unknownSex && sex == other }

    /// A bit for each sex, so that a mask can represent several.
    static func mask(of sex: Sex?) -> UInt8 {
        switch sex {
        case nil: unknownSex
        case .female: 2
        case .male: 4
        }
    }
}

extension Clinic {
    /// The features of a diagnosis, given by position.
    func features(of diagnosis: Int32) -> PatientFeatures {
        let patient = Int(diagnoses.patient[Int(diagnosis)])
        return PatientFeatures(
            condition: diagnoses.condition[Int(diagnosis)], symptomSet: diagnoses.symptoms[Int(diagnosis)],
            sex: PatientFeatures.mask(of: patients.sex[patient]), birthYear: patients.birthYear[patient])
    }

    /// The candidate that the patient of a case is for others.
    ///
    /// - Parameters:
    ///   - position: that of the case.
    ///   - success: the rating from which it is a success.
    func candidate(_ position: Int32, success: UInt8) -> CandidateIndex.Candidate {
        let diagnosis = recommendations.diagnosis[Int(cases.recommendation[Int(position)])]
        return CandidateIndex.Candidate(
            features: features(of: diagnosis),
            recency: Recency(instant: cases.createdAt[Int(position)], patient: diagnoses.patient[Int(diagnosis)]),
            isSuccess: cases.rating[Int(position)] >= success)
    }
}
