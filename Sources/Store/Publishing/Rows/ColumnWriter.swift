/// Writes the values of one row, from its first column on.
package struct ColumnWriter {
    private let sink: any ColumnSink
    private var column: Int32 = 0

    init(_ sink: any ColumnSink) { self.sink = sink }

    mutating func append(_ value: Int64?) {
        column += 1
        if let value { sink.bind(value, at: column) } else { sink.bind(String?.none, at: column) }
    }

    mutating func append(_ value: Int32) { append(Int64(value)) }

    mutating func append(_ value: Double?) {
        column += 1
        sink.bind(value, at: column)
    }

    mutating func append(_ value: String?) {
        column += 1
        sink.bind(value, at: column)
    }
}
