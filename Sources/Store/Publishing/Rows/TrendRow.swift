package import Domain

extension Trend: PublishedRow {
    package func write(to page: inout ByteWriter) {
        page.append(count: recentSamples)
        page.append(count: recentSuccesses)
        page.append(count: baselineSamples)
        page.append(count: baselineSuccesses)
        page.append(UInt8(direction.ordinal) << 1 | (pValue == nil ? 0 : 1))
        if let pValue { page.append(pValue) }
    }

    package init?(from page: inout ByteReader) {
        let counts = (page.count32(), page.count32(), page.count32(), page.count32())
        let byte = page.byte()
        guard let direction = Direction(ordinal: byte >> 1) else { return nil }
        self.init(
            recentSamples: counts.0, recentSuccesses: counts.1, baselineSamples: counts.2, baselineSuccesses: counts.3,
            direction: direction, pValue: byte & 1 == 0 ? nil : page.double())
    }

    package static let columns = [
        "recent_samples", "recent_successes", "baseline_samples", "baseline_successes", "direction", "p_value",
    ]

    package func write(to columns: inout ColumnWriter) {
        columns.append(recentSamples)
        columns.append(recentSuccesses)
        columns.append(baselineSamples)
        columns.append(baselineSuccesses)
        columns.append(direction.rawValue)
        columns.append(pValue)
    }

    package init?(from columns: inout ColumnReader) {
        let counts = (columns.int32(), columns.int32(), columns.int32(), columns.int32())
        guard let direction = columns.text().flatMap(Direction.init) else { return nil }
        self.init(
            recentSamples: counts.0, recentSuccesses: counts.1, baselineSamples: counts.2, baselineSuccesses: counts.3,
            direction: direction, pValue: columns.optional { $0.double() })
    }

    package var isPossible: Bool {
        isPart(recentSuccesses, of: recentSamples) && isPart(baselineSuccesses, of: baselineSamples)
            && 0...1 ~= pValue ?? 0
    }
}

extension Direction {
    private static let cases = allCases

    fileprivate init?(ordinal: UInt8) { self.init(ordinal: Int(ordinal), among: Self.cases) }
}
