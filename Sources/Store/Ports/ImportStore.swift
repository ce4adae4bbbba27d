public import Domain

/// Takes in records from files.
public protocol ImportStore: Sendable {
    /// Runs `body` in one transaction with a writer for the records of `source`; an error undoes all of it. Blocks other writers.
    ///
    /// - Parameters:
    ///   - source: the source of the records; records of another source with the same ids are refused.
    ///   - firstNumber: the least number that is given to records without one.
    func importRecords<Value>(
        from source: String, at now: Instant, firstNumber: Int64, _ body: (any RecordWriter) throws -> Value
    ) throws -> Value

    /// The number of rows that the newest import left out; `nil` before the first import.
    func latestRejects() throws -> Int?
}
