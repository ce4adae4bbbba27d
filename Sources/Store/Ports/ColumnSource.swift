/// Gives the values of one row. Columns are numbered from 0. A value of another type than the requested one is converted in an
/// unspecified way; it never traps.
public protocol ColumnSource: AnyObject {
    /// Whether a column is empty.
    func isNull(_ column: Int32) -> Bool
    /// A whole number; 0 where the column is empty.
    func int64(_ column: Int32) -> Int64
    /// A number; 0 where the column is empty.
    func double(_ column: Int32) -> Double
    /// A text; `nil` where the column is empty.
    func text(_ column: Int32) -> String?
}
