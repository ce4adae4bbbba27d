import Domain
import GRDB
import Store

/// What a result table holds beside its key: packed into pages, and in columns once it is superseded.
protocol PublishedRow: Equatable, ResultRow {
    /// Adds the row to a page.
    func write(to page: inout ByteWriter)
    /// Reads what `write` wrote; `nil` where that is not known.
    init?(from page: inout ByteReader)
    /// The columns in the order in which they are bound and read.
    static var columns: [String] { get }
    /// Binds all columns, from a parameter on.
    func bind(to statement: Statement, from first: Int32)
    /// Reads all columns, from a column on; `nil` where one holds what is not known.
    init?(row: Statement, from first: Int32)
    /// Whether there can be cases of which it says the truth: what damage made of a row most often has none.
    var isPossible: Bool { get }
}

extension PublishedRow {
    /// Reads all columns of a row of a table, from a column on.
    ///
    /// - Throws: where they hold what is not known, or what cannot be.
    static func known(in statement: Statement, from first: Int32, of table: String) throws -> Self {
        guard let row = Self(row: statement, from: first), row.isPossible else { throw DatabaseError.unknown(table) }
        return row
    }
}

/// Whether so many successes can be among so many cases, or cases with something said among all.
private func isPart(_ part: Int32, of whole: Int32) -> Bool { 0 <= part && part <= whole }

extension WindowTallies: PublishedRow {
    static let columns = Window.allCases.flatMap { window in
        Tally.columns.map { "\($0)_\(window.rawValue)" }
    }

    func bind(to statement: Statement, from first: Int32) {
        days30.bind(to: statement, from: first)
        days90.bind(to: statement, from: first + Tally.columnCount)
        all.bind(to: statement, from: first + 2 * Tally.columnCount)
    }

    init?(row: Statement, from first: Int32) {
        self.init()
        days30 = Tally(row: row, from: first)
        days90 = Tally(row: row, from: first + Tally.columnCount)
        all = Tally(row: row, from: first + 2 * Tally.columnCount)
    }

    var isPossible: Bool { all.isPossible && days90.isPossible && days30.isPossible }
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

    func write(to page: inout ByteWriter) {
        var said: Said = []
        if days90 == all { said.insert(.all90) } else if days90 != Tally() { said.insert(.days90) }
        if days30 == days90 { said.insert(.all30) } else if days30 != Tally() { said.insert(.days30) }
        page.append(said.rawValue)
        all.write(to: &page)
        if said.contains(.days90) { days90.write(to: &page) }
        if said.contains(.days30) { days30.write(to: &page) }
    }

    init?(from page: inout ByteReader) {
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

    static let columns = [
        "samples", "successes", "rating_sum", "improvements", "improvement_sum", "compliances", "compliance_sum",
    ]
    fileprivate static let columnCount = Int32(columns.count)

    func bind(to statement: Statement, from first: Int32) {
        statement.bind(samples, at: first)
        statement.bind(successes, at: first + 1)
        statement.bind(ratingSum, at: first + 2)
        statement.bind(improvements, at: first + 3)
        statement.bind(improvementSum, at: first + 4)
        statement.bind(compliances, at: first + 5)
        statement.bind(complianceSum, at: first + 6)
    }

    init(row: Statement, from first: Int32) {
        self.init()
        samples = row.int32(first)
        successes = row.int32(first + 1)
        ratingSum = row.int32(first + 2)
        improvements = row.int32(first + 3)
        improvementSum = row.int32(first + 4)
        compliances = row.int32(first + 5)
        complianceSum = row.int64(first + 6)
    }
}

extension Trend: PublishedRow {
    static let columns = [
        "recent_samples", "recent_successes", "baseline_samples", "baseline_successes", "direction", "p_value",
    ]

    func bind(to statement: Statement, from first: Int32) {
        statement.bind(recentSamples, at: first)
        statement.bind(recentSuccesses, at: first + 1)
        statement.bind(baselineSamples, at: first + 2)
        statement.bind(baselineSuccesses, at: first + 3)
        statement.bind(direction.rawValue, at: first + 4)
        statement.bind(pValue, at: first + 5)
    }

    init?(row: Statement, from first: Int32) {
        guard let direction = row.text(first + 4).flatMap(Direction.init) else { return nil }
        self.init(
            recentSamples: row.int32(first), recentSuccesses: row.int32(first + 1),
            baselineSamples: row.int32(first + 2), baselineSuccesses: row.int32(first + 3),
            direction: direction, pValue: row.optional(first + 5, row.double))
    }
}

extension Trend {
    func write(to page: inout ByteWriter) {
        page.append(count: recentSamples)
        page.append(count: recentSuccesses)
        page.append(count: baselineSamples)
        page.append(count: baselineSuccesses)
        page.append(UInt8(direction.ordinal) << 1 | (pValue == nil ? 0 : 1))
        if let pValue { page.append(pValue) }
    }

    init?(from page: inout ByteReader) {
        let counts = (page.count32(), page.count32(), page.count32(), page.count32())
        let byte = page.byte()
        guard let direction = Direction(ordinal: byte >> 1) else { return nil }
        self.init(
            recentSamples: counts.0, recentSuccesses: counts.1, baselineSamples: counts.2, baselineSuccesses: counts.3,
            direction: direction, pValue: byte & 1 == 0 ? nil : page.double())
    }

    var isPossible: Bool {
        isPart(recentSuccesses, of: recentSamples) && isPart(baselineSuccesses, of: baselineSamples)
            && 0...1 ~= pValue ?? 0
    }
}

extension Cohort: PublishedRow {
    func write(to page: inout ByteWriter) {
        page.append(count: patients)
        page.append(count: samples)
        page.append(count: successes)
    }

    init?(from page: inout ByteReader) {
        self.init(patients: page.count32(), samples: page.count32(), successes: page.count32())
    }

    static let columns = ["patients", "samples", "successes"]

    func bind(to statement: Statement, from first: Int32) {
        statement.bind(patients, at: first)
        statement.bind(samples, at: first + 1)
        statement.bind(successes, at: first + 2)
    }

    init?(row: Statement, from first: Int32) {
        self.init(patients: row.int32(first), samples: row.int32(first + 1), successes: row.int32(first + 2))
    }

    var isPossible: Bool { isPart(successes, of: samples) && isPart(patients, of: samples) }
}

extension PublishedPrediction: PublishedRow {
    static let columns = [
        "diagnosis_id", "treatment", "similar_patients", "similar_successes", "rank", "told_score",
    ]

    func write(to page: inout ByteWriter) {
        page.append(count: diagnosis.rawValue)
        page.append(count: treatment.herb.rawValue)
        page.append(count: treatment.condition.rawValue)
        page.append(count: similarPatients)
        page.append(count: similarSuccesses)
        page.append(count: rank)
        page.append(lastPublishedScore)
    }

    init?(from page: inout ByteReader) {
        let diagnosis = DiagnosisID(rawValue: page.count())
        let herb = TermID(rawValue: page.count())
        let condition = TermID(rawValue: page.count())
        self.init(
            diagnosis: diagnosis, treatment: .treatment(herb: herb, condition: condition),
            similarPatients: page.count32(), similarSuccesses: page.count32(), rank: page.count32(),
            lastPublishedScore: page.double())
    }

    func bind(to statement: Statement, from first: Int32) {
        statement.bind(diagnosis.rawValue, at: first)
        statement.bind(treatment.rawValue, at: first + 1)
        statement.bind(similarPatients, at: first + 2)
        statement.bind(similarSuccesses, at: first + 3)
        statement.bind(rank, at: first + 4)
        statement.bind(lastPublishedScore, at: first + 5)
    }

    init?(row: Statement, from first: Int32) {
        self.init(
            diagnosis: DiagnosisID(rawValue: row.int64(first)), treatment: Subject(rawValue: row.int64(first + 1)),
            similarPatients: row.int32(first + 2), similarSuccesses: row.int32(first + 3), rank: row.int32(first + 4),
            lastPublishedScore: row.double(first + 5))
    }

    var isPossible: Bool { isPart(similarSuccesses, of: similarPatients) && rank > 0 && 0...1 ~= lastPublishedScore }
}

extension HistoricalEvidence: PublishedRow {
    static let columns = ["basis", "samples", "successes"]

    func write(to page: inout ByteWriter) {
        page.append(UInt8(basis.ordinal))
        page.append(count: samples)
        page.append(count: successes)
    }

    init?(from page: inout ByteReader) {
        guard let basis = HistoricalBasis(ordinal: page.byte()) else { return nil }
        self.init(basis: basis, samples: page.count32(), successes: page.count32())
    }

    func bind(to statement: Statement, from first: Int32) {
        statement.bind(basis.rawValue, at: first)
        statement.bind(samples, at: first + 1)
        statement.bind(successes, at: first + 2)
    }

    init?(row: Statement, from first: Int32) {
        guard let basis = row.text(first).flatMap(HistoricalBasis.init) else { return nil }
        self.init(basis: basis, samples: row.int32(first + 1), successes: row.int32(first + 2))
    }

    var isPossible: Bool { isPart(successes, of: samples) }
}

extension CaseIterable where AllCases == [Self] {
    /// The case at a position in `allCases`; `nil` where there is none.
    init?(ordinal: Int, among cases: [Self]) {
        guard cases.indices.contains(ordinal) else { return nil }
        self = cases[ordinal]
    }
}

extension Direction {
    private static let cases = allCases

    fileprivate init?(ordinal: UInt8) { self.init(ordinal: Int(ordinal), among: Self.cases) }
}

extension HistoricalBasis {
    private static let cases = allCases

    init?(ordinal: UInt8) { self.init(ordinal: Int(ordinal), among: Self.cases) }
}
