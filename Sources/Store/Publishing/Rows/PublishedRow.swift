package import Domain

/// The values of a row of a published table, without its key: packed into pages, and in columns once it is superseded.
package protocol PublishedRow: Equatable, ResultRow {
    /// Appends the row to a page.
    func write(to page: inout ByteWriter)
    /// Reads a row that `write(to:)` appended to a page; `nil` where it has an unknown value.
    init?(from page: inout ByteReader)
    /// The columns in the order in which they are written and read.
    static var columns: [String] { get }
    /// Writes all columns.
    func write(to columns: inout ColumnWriter)
    /// Reads all columns; `nil` where one has an unknown value.
    init?(from columns: inout ColumnReader)
    /// Whether some cases can have these values. Damage usually makes values that none can have.
    var isPossible: Bool { get }
}

extension PublishedRow {
    /// Reads all columns of a row of a table.
    ///
    /// - Throws: `DamagedData` where they have values that are unknown or impossible.
    package static func known(from columns: inout ColumnReader, of table: String) throws -> Self {
        guard let row = Self(from: &columns), row.isPossible else { throw DamagedData.unknown(table) }
        return row
    }
}

/// Whether so many successes can be among so many cases, or cases with something said among all.
func isPart(_ part: Int32, of whole: Int32) -> Bool { 0 <= part && part <= whole }

extension CaseIterable where AllCases == [Self] {
    /// The case at a position in `allCases`; `nil` where there is none.
    init?(ordinal: Int, among cases: [Self]) {
        guard cases.indices.contains(ordinal) else { return nil }
        self = cases[ordinal]
    }
}
