import Domain

/// What the distance between two patients looks at: the condition and symptoms of a diagnosis, sex and birth year.
struct PatientFeatures: Hashable, Comparable, BitwiseCopyable, Sendable {
    var condition: Int32
    var symptomSet: Int32
    /// One bit, see `mask(of:)`.
    var sex: UInt8
    var birthYear: Int16

    /// In an order in which those alike in condition, sex and symptoms stand together.
    static func < (left: Self, right: Self) -> Bool {
        (left.condition, left.sex, left.symptomSet, left.birthYear)
            < (right.condition, right.sex, right.symptomSet, right.birthYear)
    }

    /// Bit of a sex that is not known; it is never the same as another's.
    static let unknownSex: UInt8 = 1

    /// Whether the patient is known to be of a sex.
    @inline(__always)
    func isOf(sex other: UInt8) -> Bool { sex != Self.unknownSex && sex == other }

    /// A bit for each sex, so that a mask can stand for several.
    static func mask(of sex: Sex?) -> UInt8 {
        switch sex {
        case nil: unknownSex
        case .female: 2
        case .male: 4
        }
    }
}

extension Clinic {
    /// What the distance looks at in a diagnosis, given by position.
    func features(of diagnosis: Int32) -> PatientFeatures {
        let patient = Int(diagnoses.patient[Int(diagnosis)])
        return PatientFeatures(
            condition: diagnoses.condition[Int(diagnosis)], symptomSet: diagnoses.symptoms[Int(diagnosis)],
            sex: PatientFeatures.mask(of: patients.sex[patient]), birthYear: patients.birthYear[patient])
    }

    /// The patient of a case, as others see it who look for similar ones.
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

/// The terms of the distance between two patients.
///
/// Bounds are computed by the same operations in the same order as distances, so that rounding can never put a bound
/// above a distance that it bounds.
enum PatientDistance {
    static let otherCondition = 1.0
    static let unknownAge = 0.5
    static let otherSex = 0.5

    /// The term of an age difference, 0…1.
    @inline(__always)
    static func age(years: Int32) -> Double {
        min(Double(years) / 40, 1)
    }

    /// 1 - Jaccard of two sets by their sizes and what they share; 1 where either is empty.
    @inline(__always)
    static func symptoms(overlap: Int32, sizes: Int32) -> Double {
        overlap <= 0 ? 1 : 1 - Double(overlap) / Double(sizes - overlap)
    }

    /// The sum of the terms in billionths, rounded.
    @inline(__always)
    static func total(condition: Double, age: Double, sex: Double, symptoms: Double) -> Int64 {
        billionths(condition + age + sex + symptoms)
    }
}

/// How new a candidate's case is, for equal distances: the newer first, then the smaller patient id.
struct Recency: Hashable, Comparable, Sendable {
    var instant: Instant
    /// Position of the patient, which ascends with the id.
    var patient: Int32

    /// The one that is preferred comes first.
    @inline(__always)
    static func < (left: Self, right: Self) -> Bool {
        left.instant != right.instant ? left.instant > right.instant : left.patient < right.patient
    }
}

/// Where a candidate stands, or the best place that any of several could have.
struct Proximity: Comparable, Sendable {
    /// Billionths.
    var distance: Int64
    var recency: Recency

    /// No distance above this one comes before it: half of the last decimal is lost in rounding.
    @inline(__always)
    var limit: Double { (Double(distance) + 0.6) / 1e9 }

    @inline(__always)
    static func < (left: Self, right: Self) -> Bool {
        left.distance != right.distance ? left.distance < right.distance : left.recency < right.recency
    }
}
