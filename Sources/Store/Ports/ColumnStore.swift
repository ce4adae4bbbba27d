public import Domain

/// The records as columns, for computations.
public protocol ColumnStore: Sendable {
    /// Reads all records as of one moment, with days counted in `zone` and without cases later than `asOf`.
    ///
    /// Blocks for seconds and takes hundreds of MB in a large clinic.
    ///
    /// - Parameter refreshingCache: whether an engine that keeps a cache of columns may bring it up to date, in a transaction
    ///   that begins after the call returned. It blocks writers briefly, and its failure only costs speed. Without it nothing
    ///   is written.
    func clinic(asOf: Day, in zone: ClinicTimeZone, refreshingCache: Bool) throws -> Clinic

    /// What was written through the API since a clinic was read, in order, and the version up to which that is all. The changes are
    /// `nil` where there are more than `limit`, or where records were imported, so that the clinic must be read anew.
    func changes(after version: ClinicVersion, limit: Int) throws -> (changes: [ClinicChange]?, version: ClinicVersion)

    /// The clinic's day of the earliest record that has one; `nil` where no record has, or where a record is of `day` or
    /// earlier. It is fast in the latter case only.
    func firstDay(ifAfter day: Day, in zone: ClinicTimeZone) throws -> Day?
}

extension ColumnStore {
    /// Reads all records as `clinic(asOf:in:refreshingCache:)` does, and writes nothing.
    public func clinic(asOf: Day, in zone: ClinicTimeZone) throws -> Clinic {
        try clinic(asOf: asOf, in: zone, refreshingCache: false)
    }
}
