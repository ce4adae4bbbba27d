/// The number by which a clinic knows one of its records: a positive integer up to 2^62, never reused.
///
/// The phantom parameter keeps a patient's number from being taken for a diagnosis's.
@frozen
public struct Identifier<Record>: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The largest number that a record may have, so that numbers behind it are left for new records.
    public static var largest: Int64 { 1 << 62 }

    /// The number as the clinic wrote it.
    public var rawValue: Int64

    /// Wraps a number that is already known to be good, such as one read from the store.
    @inlinable
    public init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    /// Identifiers are ordered by their number.
    @inlinable
    public static func < (left: Self, right: Self) -> Bool {
        left.rawValue < right.rawValue
    }

    /// The number in decimal digits.
    public var description: String { String(rawValue) }
}

/// The number of a patient.
public typealias PatientID = Identifier<Patient>
/// The number of a diagnosis.
public typealias DiagnosisID = Identifier<Diagnosis>
/// The number of a recommendation.
public typealias RecommendationID = Identifier<Recommendation>
/// The number of a feedback.
public typealias FeedbackID = Identifier<Feedback>
