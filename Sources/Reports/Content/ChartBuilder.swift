import Domain

extension ChartDefinition {
    /// All columns of the source that it draws from.
    func columns(of source: Source) -> [String] {
        let drawn = kind == .change ? Self.changeColumns : [y] + (source.column(y)?.interval.map { [$0] } ?? [])
        return x + by + drawn
    }

    fileprivate static let changeColumns = [
        "recent_rate", "recent_interval", "recent_samples", "baseline_rate", "baseline_interval", "baseline_samples",
        "direction",
    ]
}

/// Makes a chart from the rows of a section.
struct ChartBuilder {
    let definition: ChartDefinition
    let source: Source
    /// Where the cells of columns stand in a row.
    let positions: [String: Int]
    let formatter: CellFormatter

    func chart(of rows: RowBuffer) -> Chart {
        switch definition.kind {
        case .bar: bars(rows)
        case .line, .multiples: panels(rows)
        case .heatmap: heat(rows)
        case .change: changes(rows)
        }
    }

    private func chart(shown: Int, of available: Int, _ content: Chart.Content) -> Chart {
        let valueTitle = formatter.catalogue.column(definition.kind == .change ? "delta" : definition.y)
        return Chart(
            title: definition.titles.text(in: formatter.catalogue.language) ?? valueTitle,
            kind: source.column(definition.y)?.kind ?? .count, valueTitle: valueTitle, shown: shown,
            available: available, content: content)
    }

    // MARK: Cells

    private func cell(_ row: [Cell], _ column: String) -> Cell {
        positions[column].map { row[$0] } ?? .empty
    }

    private func label(_ row: [Cell], _ columns: [String]) -> String {
        columns.map { formatter.text(cell(row, $0), source.column($0)?.kind ?? .note) }.joinedInOrder()
    }

    private func mark(_ row: [Cell], _ column: String, samples: String?, label: String = "") -> Chart.Mark? {
        let value: Double
        switch cell(row, column) {
        case .decimal(let number): value = number
        case .integer(let number): value = Double(number)
        default: return nil
        }
        var interval: ClosedRange<Double>?
        if definition.showsInterval, let name = source.column(column)?.interval,
            case .interval(let ends) = cell(row, name)
        {
            interval = ends
        }
        var count: Int64?
        if let samples, case .integer(let number) = cell(row, samples) { count = number }
        return Chart.Mark(label: label, value: value, interval: interval, samples: count)
    }

    private func mark(_ row: [Cell], label: String = "") -> Chart.Mark? {
        mark(row, definition.y, samples: source.samplesColumn, label: label)
    }

    // MARK: Kinds

    private func bars(_ rows: RowBuffer) -> Chart {
        var marks: [Chart.Mark] = []
        rows.forEach(limit: definition.top) { row in
            if let mark = mark(row, label: label(row, definition.x)) { marks.append(mark) }
        }
        return chart(shown: min(definition.top, rows.count), of: rows.count, .bars(marks))
    }

    private func changes(_ rows: RowBuffer) -> Chart {
        var changes: [Chart.Change] = []
        rows.forEach(limit: definition.top) { row in
            guard case .trend(let direction, let isSignificant) = cell(row, "direction") else { return }
            changes.append(
                Chart.Change(
                    label: label(row, definition.x),
                    baseline: mark(row, "baseline_rate", samples: "baseline_samples"),
                    recent: mark(row, "recent_rate", samples: "recent_samples"), direction: direction,
                    isSignificant: isSignificant))
        }
        return chart(shown: changes.count, of: rows.count, .changes(changes))
    }

    private func panels(_ rows: RowBuffer) -> Chart {
        var axis = Axis()
        rows.forEach { row in axis.add(cell(row, definition.x[0]), label: label(row, definition.x)) }
        axis.fillMonths(formatter)
        let panels = series(of: rows, by: definition.by, along: definition.x, axis)
        let shown = largest(panels)
        return chart(shown: shown.count, of: panels.count, .panels(shown, axis: axis.labels))
    }

    private func heat(_ rows: RowBuffer) -> Chart {
        var columns = Axis()
        if definition.by.count == 1, case .word(let words) = source.column(definition.by[0])?.kind {
            for word in words.all {
                columns.add(.text(word), label: formatter.catalogue.word(word, of: words))
            }
        }
        rows.forEach { row in columns.add(cell(row, definition.by[0]), label: label(row, definition.by)) }
        let lines = series(of: rows, by: definition.x, along: definition.by, columns)
        let shown = largest(lines)
        return chart(
            shown: shown.count, of: lines.count, .heat(Chart.HeatMap(columns: columns.labels, rows: shown)))
    }

    /// The marks of the rows by their titles, in the order in which the titles come, each mark at its place on the axis.
    private func series(
        of rows: RowBuffer, by titles: [String], along labels: [String], _ axis: Axis
    ) -> [Chart.Series] {
        var series: [Chart.Series] = []
        var places: [String: Int] = [:]
        rows.forEach { row in
            let title = label(row, titles)
            let place = places[title] ?? series.count
            if place == series.count {
                places[title] = place
                series.append(Chart.Series(title: title, marks: Array(repeating: nil, count: axis.labels.count)))
            }
            if let position = axis[label(row, labels)] { series[place].marks[position] = mark(row) }
        }
        return series
    }

    /// Those with the most samples, as many as the chart shows.
    private func largest(_ series: [Chart.Series]) -> [Chart.Series] {
        let ranked = series.map { ($0, samples: $0.samples) }.enumerated()
            .sorted { ($1.element.samples, $0.offset) < ($0.element.samples, $1.offset) }
        return ranked.prefix(definition.top).map(\.element.0)
    }
}

/// The labels of an axis, in the order in which they come; months without a gap.
private struct Axis {
    private(set) var labels: [String] = []
    private var places: [String: Int] = [:]
    private var months: Set<Month> = []

    mutating func add(_ cell: Cell, label: String) {
        if case .month(let month) = cell { months.insert(month) }
        guard places[label] == nil else { return }
        places[label] = labels.count
        labels.append(label)
    }

    mutating func fillMonths(_ formatter: CellFormatter) {
        guard let first = months.min(), let last = months.max() else { return }
        labels = []
        var month = first
        while month <= last {
            places[formatter.month(month)] = labels.count
            labels.append(formatter.month(month))
            month = month.next
        }
    }

    subscript(label: String) -> Int? { places[label] }
}
