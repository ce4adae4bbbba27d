/// What a record, or a row of records, is identified by in its source.
public enum RecordKey: Hashable, Sendable {
    /// Its number.
    case number(Int64)
    /// An id that is text.
    case text(String)
    /// A digest of what its row is known by, 16 bytes.
    case row([UInt8])
}

/// What keys of a source identify.
public enum RecordKind: String, Sendable {
    /// A row of a flat file: all of its records that have no id of their own.
    case row
    /// A patient.
    case patient
    /// A diagnosis.
    case diagnosis
    /// A recommendation.
    case recommendation
    /// A feedback.
    case feedback
}
