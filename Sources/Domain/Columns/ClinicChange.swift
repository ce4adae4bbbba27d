/// A record that was written since a clinic was read.
public enum ClinicChange: Equatable, Sendable {
    /// A patient was added.
    case patient(Patient)
    /// A diagnosis was added, whose condition and set of symptoms have numbers in the store.
    case diagnosis(Diagnosis, condition: TermID, symptomSet: Int, symptoms: [Int32])
    /// A recommendation was added, whose herb has a number in the store.
    case recommendation(Recommendation, herb: TermID)
    /// A feedback was given, edited or withdrawn.
    case feedback(Feedback)
}

/// How much of what was written somebody has seen.
public struct ClinicVersion: Equatable, Sendable {
    /// The newest import.
    public var lastImport: Int64
    /// The newest entry of the audit log.
    public var lastEntry: Int64

    /// All up to an import and an entry of the audit log.
    public init(lastImport: Int64 = 0, lastEntry: Int64 = 0) {
        self.lastImport = lastImport
        self.lastEntry = lastEntry
    }
}
