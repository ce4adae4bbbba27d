package import Domain

extension HistoricalEvidence: PublishedRow {
    package func write(to page: inout ByteWriter) {
        page.append(UInt8(basis.ordinal))
        page.append(count: samples)
        page.append(count: successes)
    }

    package init?(from page: inout ByteReader) {
        guard let basis = HistoricalBasis(ordinal: page.byte()) else { return nil }
        self.init(basis: basis, samples: page.count32(), successes: page.count32())
    }

    package static let columns = ["basis", "samples", "successes"]

    package func write(to columns: inout ColumnWriter) {
        columns.append(basis.rawValue)
        columns.append(samples)
        columns.append(successes)
    }

    package init?(from columns: inout ColumnReader) {
        guard let basis = columns.text().flatMap(HistoricalBasis.init) else { return nil }
        self.init(basis: basis, samples: columns.int32(), successes: columns.int32())
    }

    package var isPossible: Bool { isPart(successes, of: samples) }
}

extension HistoricalBasis {
    private static let cases = allCases

    init?(ordinal: UInt8) { self.init(ordinal: Int(ordinal), among: Self.cases) }
}
