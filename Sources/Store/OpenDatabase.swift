public import Foundation

/// Opens the database at a location: a path, or a URL with scheme `sqlite`.
///
/// The schema is brought up to date first.
///
/// - Parameter create: whether to make the database where there is none.
/// - Throws: `StoreError`.
public func openDatabase(at location: String, create: Bool = false) throws -> any Database {
    try SQLiteDatabase(path: databasePath(of: location), create: create)
}

/// Makes the database at a location what it was when a backup was written.
///
/// The caller holds the run lock of the database. The backup is copied and checked before anything is replaced.
///
/// - Parameter replace: whether a database that stands there may be replaced.
/// - Throws: `StoreError`, `MissingFile`, `UnwritableFile`; the database is as before then.
public func restoreDatabase(at location: String, from backup: URL, replace: Bool) throws {
    try SQLiteBackup.restore(path: databasePath(of: location), from: backup, replace: replace)
}

/// The file that a location names: `sqlite:///var/x.db`, `sqlite:x.db` or `x.db`.
///
/// - Throws: `StoreError.unknownEngine` for another scheme.
public func databasePath(of location: String) throws -> String {
    guard let colon = location.firstIndex(of: ":"), !location[..<colon].contains("/") else { return location }
    guard location[..<colon] == "sqlite" else { throw StoreError.unknownEngine(location: location) }
    let path = location[location.index(after: colon)...]
    return String(path.hasPrefix("//") ? path.dropFirst(2) : path)
}
