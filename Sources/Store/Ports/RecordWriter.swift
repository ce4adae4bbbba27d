public import Domain

/// Writes records inside one transaction. A record with a known id replaces the stored one, if it differs.
public protocol RecordWriter: AnyObject {
    /// Writes a patient.
    ///
    /// - Parameter refinesBirthYear: whether another birth year of a patient of the same import narrows the one before,
    ///   instead of contradicting it.
    func write(_ patient: Patient, refinesBirthYear: Bool) throws -> WriteOutcome
    /// Writes a diagnosis; its patient must be stored.
    func write(_ diagnosis: Diagnosis) throws -> WriteOutcome
    /// Writes a recommendation; its diagnosis must be stored.
    func write(_ recommendation: Recommendation) throws -> WriteOutcome
    /// Writes a feedback; its recommendation must be stored.
    func write(_ feedback: Feedback) throws -> WriteOutcome

    /// The number under which the source's records of a kind with a key are stored; `nil` where there is none.
    func number(of key: RecordKey, kind: RecordKind) throws -> Int64?
    /// Gives a key a number.
    ///
    /// - Parameter number: the number; `nil` for the next that is free.
    /// - Returns: the number.
    func giveNumber(_ number: Int64?, to key: RecordKey, kind: RecordKind) throws -> Int64
    /// Whether the source has records that were stored before keys were.
    var hasUnkeyedRecords: Bool { get throws }
    /// Whether a feedback is stored as it is.
    func isStored(_ feedback: Feedback) throws -> Bool
    /// Narrows the years in which a patient may be born.
    ///
    /// - Returns: the year to store, and whether `years` contradict what is known, which is kept.
    func birthYear(
        of patient: PatientID, in years: ClosedRange<Int>, preferring year: Int
    ) throws -> (year: Int, isContradicted: Bool)

    /// Notes how many rows of the import were left out.
    func noteRejected(_ count: Int) throws
    /// Finds the records of the source that the import did not write, and deletes them where that is wanted, all but those
    /// that others refer to.
    ///
    /// - Parameter allowsChanges: whether more than a fifth of the source's records may change or be deleted.
    /// - Throws: `ImportError.unusual` where they may not; `ImportError.impossible` where a record was changed so that others
    ///   would be older than it.
    func settle(deletesMissing: Bool, allowsChanges: Bool) throws -> (
        records: [(kind: String, count: Int)], deleted: Int
    )
}

extension RecordWriter {
    /// Writes a patient whose birth year is known or not, but not narrowed.
    public func write(_ patient: Patient) throws -> WriteOutcome { try write(patient, refinesBirthYear: false) }
}

/// The outcome of writing one record.
public enum WriteOutcome: Equatable, Sendable {
    /// It was new.
    case inserted
    /// It was stored with other content, which was replaced.
    case updated
    /// It was stored already.
    case unchanged
    /// The record that it refers to is not stored; it was not written.
    case missingReference
    /// The same import already had this id with other content in some fields; it was not written.
    case repeated(fields: [String])
    /// Another source already has this id; it was not written.
    case foreign(source: String)
    /// It is dated before the record that it refers to; it was not written.
    case tooEarly(reason: String)
}
