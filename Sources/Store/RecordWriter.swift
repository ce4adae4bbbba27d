public import Domain

/// Writes records inside one transaction. A record with a known id replaces what stands there, if it differs.
public protocol RecordWriter: AnyObject {
    /// Writes a patient.
    func write(_ patient: Patient) throws -> WriteOutcome
    /// Writes a diagnosis; its patient must be there.
    func write(_ diagnosis: Diagnosis) throws -> WriteOutcome
    /// Writes a recommendation; its diagnosis must be there.
    func write(_ recommendation: Recommendation) throws -> WriteOutcome
    /// Writes a feedback; its recommendation must be there.
    func write(_ feedback: Feedback) throws -> WriteOutcome
    /// Notes how many rows of the import were left out.
    func noteRejected(_ count: Int) throws
}

/// What came of writing one record.
public enum WriteOutcome: Equatable, Sendable {
    /// It was new.
    case inserted
    /// It stood there with other content, which was replaced.
    case updated
    /// It stood there already.
    case unchanged
    /// What it refers to is not there; it was not written.
    case missingReference
    /// The same import already had this id with other content; it was not written.
    case repeated
    /// Another source already has this id; it was not written.
    case foreign(source: String)
}
