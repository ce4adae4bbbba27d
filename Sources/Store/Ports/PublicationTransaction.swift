public import Domain

/// What publishing asks of an engine, inside one write transaction.
///
/// An engine only stores: `publish` finds what differs and selects the deltas. All calls block. They throw `StoreError` or an
/// error of the engine, which rolls the transaction back.
public protocol PublicationTransaction: PublishedPages {
    // MARK: Tables

    /// Replaces the bytes of a page; without any, the page is removed.
    func write(_ bytes: [UInt8], asPage number: Int64, of table: String) throws
    /// Appends superseded rows to the history of a table.
    ///
    /// - Parameters:
    ///   - columns: the columns of the rows.
    ///   - count: the number of rows.
    ///   - row: gives the values of the row at an index from 0 to a sink with these columns.
    func appendHistory(
        of table: String, columns: [String], count: Int, row: (Int, any ColumnSink) throws -> Void
    ) throws

    // MARK: Beside the tables

    /// Sets displayed spellings; those of other terms stay.
    func setNames(_ names: [(term: TermID, name: String)]) throws
    /// Sets priors.
    func setPriors(_ priors: [Level: [Window: Prior]]) throws
    /// Sets the origin of the published results of a stage, and the version of the records that they were computed from.
    func setOrigin(_ origin: PublicationOrigin, version: ClinicVersion, of stage: Stage) throws
    /// Sets the origin of the patients' view.
    func setPatientPublication(_ publication: PatientPublication) throws

    // MARK: Outbox

    /// The sequence number of the newest delta ever committed; 0 if there was none. No other writer takes a later number until
    /// the transaction ends.
    ///
    /// - Throws: an error of the engine if no later number is left.
    func latestSequence() throws -> Int64
    /// Appends a row to the outbox.
    func append(_ row: DeltaRow) throws
}
