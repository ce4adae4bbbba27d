public import Domain

/// The stored form of published results, as of one moment: tables of pages with rows by key, each with a history in columns.
///
/// An engine stores and finds pages and columns, and does not look into them: `PagedResults` does. All calls block, and throw
/// `StoreError` or an error of the engine.
public protocol PublishedPages: AnyObject {
    /// The pages of a table with numbers in a range, by ascending number.
    ///
    /// - Parameter limit: the most pages to return, from the first on.
    func pages(
        of table: String, in numbers: ClosedRange<Int64>, limit: Int
    ) throws -> [(page: Int64, bytes: [UInt8])]
    /// The bytes of a page; empty where the page is not stored.
    func page(_ number: Int64, of table: String) throws -> [UInt8]
    /// Calls `body` with the rows of a table's history that have a number in a column, by ascending first and last day.
    ///
    /// - Parameters:
    ///   - columns: the columns that the source gives, in their order.
    ///   - body: receives the columns, the day of the publication that wrote the row, and that of the one that superseded it.
    func forEachHistoryRow(
        of table: String, columns: [String], where column: String, is number: Int64,
        _ body: (any ColumnSource, _ since: Day, _ until: Day) throws -> Void
    ) throws
    /// The recommendations of a diagnosis in the records, ascending.
    func recommendations(of diagnosis: DiagnosisID) throws -> [RecommendationID]
}
