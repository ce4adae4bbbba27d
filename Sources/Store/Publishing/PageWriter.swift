import Domain

/// Packs rows into the bytes of a page.
package struct PageWriter {
    private var page = ByteWriter()
    private var base: Int32 = 0

    package init() {}

    /// The page with the rows that were added.
    package var bytes: [UInt8] { page.bytes }

    /// Begins a page.
    ///
    /// - Parameter since: the day of most of its rows, in days since 1970-01-01.
    package mutating func begin(since: Int32) {
        base = since
        page.removeAll()
        page.append(difference: Int64(since))
    }

    @inline(__always)
    package mutating func add(_ key: Int64, _ row: some PublishedRow, since: Int32) {
        page.append(UInt8(truncatingIfNeeded: key))
        page.append(difference: Int64(since - base))
        row.write(to: &page)
    }
}
