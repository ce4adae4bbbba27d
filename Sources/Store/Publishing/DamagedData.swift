/// Stored data contains something that no version of this program writes.
///
/// Thrown by code that does not know where the database is: an engine turns it into `StoreError.notADatabase`.
package struct DamagedData: Error {
    /// What is wrong, for the operator.
    package var reason: String

    /// A table, or a column, holds something that no version of this program writes.
    package static func unknown(_ name: String) -> Self { Self(reason: "\(name) holds what is not known") }
}
