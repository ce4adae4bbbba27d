/// Reads the values of one row, from a column on.
package struct ColumnReader {
    private let source: any ColumnSource
    private var column: Int32

    /// - Parameter column: the first column to read, from 0.
    package init(_ source: any ColumnSource, from column: Int32 = 0) {
        self.source = source
        self.column = column
    }

    package mutating func int64() -> Int64 {
        defer { column += 1 }
        return source.int64(column)
    }

    /// The nearest number that fits, where a damaged one does not.
    mutating func int32() -> Int32 { Int32(clamping: int64()) }

    mutating func double() -> Double {
        defer { column += 1 }
        return source.double(column)
    }

    mutating func text() -> String? {
        defer { column += 1 }
        return source.text(column)
    }

    /// Reads one column; `nil` where it is empty.
    mutating func optional<Value>(_ read: (inout Self) -> Value) -> Value? {
        guard source.isNull(column) else { return read(&self) }
        column += 1
        return nil
    }
}
