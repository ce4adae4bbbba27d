public import Domain
public import Store

/// Published tables in memory, without any SQL: publishing must give the same on it as on an engine.
public final class InMemoryPublication: PublicationTransaction {
    /// A value in a column of a history.
    public enum Value: Equatable, Sendable {
        /// An empty column.
        case null
        /// A whole number.
        case integer(Int64)
        /// A number.
        case real(Double)
        /// A text.
        case text(String)
    }

    /// The bytes of pages, by number, by table.
    public private(set) var tables: [String: [Int64: [UInt8]]] = [:]
    /// The superseded rows, by column, by table.
    public private(set) var histories: [String: [[String: Value]]] = [:]
    /// Displayed spellings.
    public private(set) var names: [TermID: String] = [:]
    /// Priors.
    public private(set) var priors: [Level: [Window: Prior]] = [:]
    /// The origins of stages.
    public private(set) var origins: [Stage: PublicationOrigin] = [:]
    /// The versions of the records of stages.
    public private(set) var versions: [Stage: ClinicVersion] = [:]
    /// The origin of the patients' view.
    public private(set) var patientPublication: PatientPublication?
    /// The outbox.
    public private(set) var outbox: [DeltaRow] = []
    private let recommendations: [DiagnosisID: [RecommendationID]]

    /// - Parameter recommendations: the recommendations of the records.
    public init(of recommendations: [Recommendation]) {
        self.recommendations = Dictionary(grouping: recommendations, by: \.diagnosis).mapValues {
            $0.map(\.id).sorted()
        }
    }

    private final class Row: ColumnSink, ColumnSource {
        var values: [Value] = []

        func bind(_ value: Int64, at column: Int32) { append(.integer(value), at: column) }
        func bind(_ value: Double?, at column: Int32) { append(value.map(Value.real) ?? .null, at: column) }
        func bind(_ value: String?, at column: Int32) { append(value.map(Value.text) ?? .null, at: column) }

        private func append(_ value: Value, at column: Int32) {
            precondition(Int(column) == values.count + 1, "columns are set from left to right")
            values.append(value)
        }

        func isNull(_ column: Int32) -> Bool { values[Int(column)] == .null }
        func int64(_ column: Int32) -> Int64 { if case .integer(let value) = values[Int(column)] { value } else { 0 } }
        func double(_ column: Int32) -> Double { if case .real(let value) = values[Int(column)] { value } else { 0 } }
        func text(_ column: Int32) -> String? { if case .text(let value) = values[Int(column)] { value } else { nil } }
    }

    // MARK: Pages

    /// The pages of a table.
    public func pages(
        of table: String, in numbers: ClosedRange<Int64>, limit: Int
    ) -> [(page: Int64, bytes: [UInt8])] {
        let pages = tables[table, default: [:]].filter { numbers.contains($0.key) }.sorted { $0.key < $1.key }
        return pages.prefix(limit).map { (page: $0.key, bytes: $0.value) }
    }

    /// The bytes of a page.
    public func page(_ number: Int64, of table: String) -> [UInt8] { tables[table]?[number] ?? [] }

    /// Replaces a page.
    public func write(_ bytes: [UInt8], asPage number: Int64, of table: String) {
        tables[table, default: [:]][number] = bytes.isEmpty ? nil : bytes
    }

    // MARK: History

    /// Appends superseded rows.
    public func appendHistory(
        of table: String, columns: [String], count: Int, row: (Int, any ColumnSink) throws -> Void
    ) throws {
        for index in 0..<count {
            let values = Row()
            try row(index, values)
            histories[table, default: []].append(Dictionary(uniqueKeysWithValues: zip(columns, values.values)))
        }
    }

    /// Calls `body` with superseded rows.
    public func forEachHistoryRow(
        of table: String, columns: [String], where column: String, is number: Int64,
        _ body: (any ColumnSource, _ since: Day, _ until: Day) throws -> Void
    ) throws {
        let rows = histories[table, default: []].filter { $0[column] == .integer(number) }.map { row in
            let values = Row()
            values.values = (columns + ["since", "until"]).map { row[$0] ?? .null }
            return values
        }
        let (since, until) = (Int32(columns.count), Int32(columns.count + 1))
        for row in rows.sorted(by: { ($0.int64(since), $0.int64(until)) < ($1.int64(since), $1.int64(until)) }) {
            try body(
                row, Day(daysSinceEpoch: Int32(row.int64(since))), Day(daysSinceEpoch: Int32(row.int64(until))))
        }
    }

    /// The recommendations of a diagnosis.
    public func recommendations(of diagnosis: DiagnosisID) -> [RecommendationID] { recommendations[diagnosis] ?? [] }

    // MARK: Beside the tables

    /// Sets displayed spellings.
    public func setNames(_ names: [(term: TermID, name: String)]) {
        for (term, name) in names { self.names[term] = name }
    }

    /// Sets priors.
    public func setPriors(_ priors: [Level: [Window: Prior]]) {
        self.priors.merge(priors) { $0.merging($1) { $1 } }
    }

    /// Sets the origin of a stage.
    public func setOrigin(_ origin: PublicationOrigin, version: ClinicVersion, of stage: Stage) {
        origins[stage] = origin
        versions[stage] = version
    }

    /// Sets the origin of the patients' view.
    public func setPatientPublication(_ publication: PatientPublication) { patientPublication = publication }

    // MARK: Outbox

    /// The sequence number of the newest delta.
    public func latestSequence() -> Int64 { outbox.last?.sequence ?? 0 }

    /// Appends a row.
    public func append(_ row: DeltaRow) { outbox.append(row) }
}
