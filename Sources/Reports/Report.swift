public import Domain
public import Store

/// A report with its rows, ready to be written in any format.
public struct Report: Sendable {
    /// What it is made after.
    public let definition: ReportDefinition
    /// The day that its numbers are of.
    public let asOf: Day
    /// The rows that it shows, in order, with the cells of `definition.columns`.
    public let rows: [[Cell]]
    /// How many rows passed its conditions, before the limit.
    public let matchingRows: Int

    /// Gathers the rows of a report from what was published.
    ///
    /// - Parameter minimumSamples: the fewest samples, where the definition does not say.
    /// - Throws: `ReportError.notComputed` where the stage it shows never ran.
    public init(_ definition: ReportDefinition, from results: any PublishedResults, minimumSamples: Int) throws {
        guard let origin = try results.origins()[definition.source.stage] else {
            throw ReportError.notComputed(source: definition.source)
        }
        self.definition = definition
        asOf = origin.asOf

        let filter = Filter(
            accepted: definition.accepted, minimumSamples: definition.minimumSamples ?? minimumSamples)
        let width = definition.columns.count
        var rows: [[Cell]] = []
        try definition.source.forEachRow(
            of: results, columns: definition.columns + definition.sort.map(\.column), where: filter
        ) { rows.append($0) }
        matchingRows = rows.count
        if !definition.sort.isEmpty {
            let order = rows.indices.sorted { left, right in
                for (index, key) in definition.sort.enumerated() {
                    let (first, second) = (rows[left][width + index], rows[right][width + index])
                    if let precedes = first.precedes(second, descending: key.isDescending) { return precedes }
                }
                return left < right
            }
            rows = order.map { rows[$0] }
        }
        self.rows = rows.prefix(definition.limit ?? .max).map { Array($0.prefix(width)) }
    }
}

/// Why a report cannot be made.
public enum ReportError: Failure, Equatable {
    /// What it shows was never computed.
    case notComputed(source: Source)
    /// The published results are of another day.
    case otherDay(asked: Day, published: Day)

    /// One line: what is missing, what to do.
    public var description: String {
        switch self {
        case .notComputed(let source):
            "no results of \(source.rawValue) were published yet; run a job with the stage \(source.stage.rawValue), such as 'avicenna run nightly'"
        case .otherDay(let asked, let published):
            "the published results are of \(published), not \(asked); run 'avicenna run nightly --as-of \(asked)' first"
        }
    }

    /// 66.
    public var status: ExitStatus { .missingInput }
}
