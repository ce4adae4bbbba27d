/// Takes the values of one row, column by column from left to right. Columns are numbered from 1.
public protocol ColumnSink: AnyObject {
    /// Sets a whole number.
    func bind(_ value: Int64, at column: Int32)
    /// Sets a number; `nil` for none.
    func bind(_ value: Double?, at column: Int32)
    /// Sets a text; `nil` for an empty column of any type.
    func bind(_ value: String?, at column: Int32)
}
