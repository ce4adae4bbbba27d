/// What a herb did for a condition in patients of one mizaj, over all days up to the as-of day.
public struct Cohort: ResultRow, Hashable, Sendable {
    /// Distinct patients with a case.
    public var patients: Int32
    /// Cases.
    public var samples: Int32
    /// Cases that are a success.
    public var successes: Int32

    /// A cohort's counts.
    public init(patients: Int32, samples: Int32, successes: Int32) {
        self.patients = patients
        self.samples = samples
        self.successes = successes
    }
}
