package import Domain

extension WindowTallies: PublishedRow {
    package static let columns = Window.allCases.flatMap { window in
        Tally.columns.map { "\($0)_\(window.rawValue)" }
    }

    package func write(to columns: inout ColumnWriter) {
        days30.write(to: &columns)
        days90.write(to: &columns)
        all.write(to: &columns)
    }

    package init?(from columns: inout ColumnReader) {
        self.init()
        days30 = Tally(from: &columns)
        days90 = Tally(from: &columns)
        all = Tally(from: &columns)
    }

    package var isPossible: Bool { all.isPossible && days90.isPossible && days30.isPossible }
}

extension WindowTallies {
    /// Which windows say something that the next wider one does not.
    private struct Said: OptionSet {
        let rawValue: UInt8

        static let days30 = Said(rawValue: 1)
        static let days90 = Said(rawValue: 2)
        /// Where the window is not said, all of its cases are those of the wider one; else it has none.
        static let all30 = Said(rawValue: 4)
        static let all90 = Said(rawValue: 8)
    }

    package func write(to page: inout ByteWriter) {
        var said: Said = []
        if days90 == all { said.insert(.all90) } else if days90 != Tally() { said.insert(.days90) }
        if days30 == days90 { said.insert(.all30) } else if days30 != Tally() { said.insert(.days30) }
        page.append(said.rawValue)
        all.write(to: &page)
        if said.contains(.days90) { days90.write(to: &page) }
        if said.contains(.days30) { days30.write(to: &page) }
    }

    package init?(from page: inout ByteReader) {
        self.init()
        let said = Said(rawValue: page.byte())
        all = Tally(from: &page)
        days90 = said.contains(.days90) ? Tally(from: &page) : said.contains(.all90) ? all : Tally()
        days30 = said.contains(.days30) ? Tally(from: &page) : said.contains(.all30) ? days90 : Tally()
    }
}

extension Tally {
    /// Most compliances are said in whole hundredths.
    private static let hundredth = Int64(Compliance.scale) / 100

    fileprivate func write(to page: inout ByteWriter) {
        page.append(count: samples)
        page.append(count: successes)
        page.append(count: ratingSum)
        page.append(count: improvements)
        page.append(count: improvementSum)
        page.append(count: compliances)
        let isWhole = complianceSum % Self.hundredth == 0
        page.append(count: isWhole ? (complianceSum / Self.hundredth) << 1 : complianceSum << 1 | 1)
    }

    fileprivate init(from page: inout ByteReader) {
        self.init()
        samples = page.count32()
        successes = page.count32()
        ratingSum = page.count32()
        improvements = page.count32()
        improvementSum = page.count32()
        compliances = page.count32()
        let sum = page.count()
        complianceSum = sum & 1 == 0 ? (sum >> 1) &* Self.hundredth : sum >> 1
    }

    fileprivate var isPossible: Bool {
        func areRatings(_ sum: Int32, _ count: Int32) -> Bool { Int64(count)...5 * Int64(count) ~= Int64(sum) }
        guard isPart(successes, of: samples), isPart(improvements, of: samples), isPart(compliances, of: samples) else {
            return false
        }
        return areRatings(ratingSum, samples) && areRatings(improvementSum, improvements)
            && 0...Int64(compliances) * Int64(Compliance.scale) ~= complianceSum
    }

    fileprivate static let columns = [
        "samples", "successes", "rating_sum", "improvements", "improvement_sum", "compliances", "compliance_sum",
    ]

    fileprivate func write(to columns: inout ColumnWriter) {
        columns.append(samples)
        columns.append(successes)
        columns.append(ratingSum)
        columns.append(improvements)
        columns.append(improvementSum)
        columns.append(compliances)
        columns.append(complianceSum)
    }

    fileprivate init(from columns: inout ColumnReader) {
        self.init()
        samples = columns.int32()
        successes = columns.int32()
        ratingSum = columns.int32()
        improvements = columns.int32()
        improvementSum = columns.int32()
        compliances = columns.int32()
        complianceSum = columns.int64()
    }
}
