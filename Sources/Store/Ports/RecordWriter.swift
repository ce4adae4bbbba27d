public import Domain

/// Writes records inside one transaction. A record with a known id replaces the stored one, if it differs.
public protocol RecordWriter: AnyObject {
    /// Writes records in their order; each must come after the one that it refers to.
    ///
    /// - Returns: the outcome of each; `nil` for a record that was not written because an earlier one of its row was refused.
    func write(_ batch: [BatchRecord]) throws -> [WriteOutcome?]

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

/// A record to write, with the row that it came in.
public struct BatchRecord: Sendable {
    /// The record.
    public var record: WrittenRecord
    /// The row that it came in. Where a record is refused, those of the same row that follow it are not written.
    public var row: Int
    /// Whether another birth year of a patient of the same import narrows the one before, instead of contradicting it.
    public var refinesBirthYear: Bool

    /// A record of a row.
    public init(_ record: WrittenRecord, row: Int, refinesBirthYear: Bool = false) {
        self.record = record
        self.row = row
        self.refinesBirthYear = refinesBirthYear
    }
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

    /// Whether the record is stored as it was given.
    public var isStored: Bool {
        switch self {
        case .inserted, .updated, .unchanged: true
        case .missingReference, .repeated, .foreign, .tooEarly: false
        }
    }
}
