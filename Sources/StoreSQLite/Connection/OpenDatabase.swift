import Configuration
public import Domain
public import Foundation
public import Store

/// Opens the database at a location: a path, or a URL with scheme `sqlite`.
///
/// The schema is brought up to date first.
///
/// - Parameter create: whether to make the database where there is none.
/// - Throws: `StoreError`.
public func openDatabase(at location: String, create: Bool = false) throws -> any ClinicStore {
    try SQLiteDatabase(path: databasePath(of: location), create: create)
}

/// Opens the database at a location to read it. Where this process may write, the schema is brought up to date first; where it
/// may not, the database is read as it is.
///
/// - Throws: `StoreError`, also where the schema is of an older version and this process may not bring it up to date.
public func openDatabaseForReading(at location: String) throws -> any ClinicStore {
    try SQLiteDatabase(path: databasePath(of: location), create: false, readOnly: true)
}

/// Checks that a backup of a database may be written to a file, without opening or changing anything.
///
/// - Parameter replace: whether a file that is not a backup may be replaced.
/// - Throws: `StoreError`.
public func checkBackup(to file: URL, ofDatabaseAt location: String, replace: Bool) throws {
    try SQLiteBackup.check(
        target: file, of: DatabaseFiles(ofDatabaseAt: databasePath(of: location)), location: location, replace: replace)
}

/// The one path of a database whatever location leads to it: absolute, without symbolic links. Locks and signals are beside it.
///
/// - Throws: `StoreError.unknownEngine` for another scheme than `sqlite`.
public func canonicalDatabasePath(of location: String) throws -> String {
    canonicalPath(try databasePath(of: location))
}

/// Makes the database at a location what it was when a backup was written.
///
/// The caller holds the run lock of the database. The backup is copied and checked before anything is replaced.
///
/// Tokens that were revoked since the backup stay revoked: revocations of the replaced database are kept, and where these are
/// not known, all tokens issued until `now` are revoked.
///
/// - Parameters:
///   - replace: whether a database that stands there may be replaced.
///   - now: the time that new revocations and their audit entries get.
/// - Returns: what was done with revocations.
/// - Throws: `StoreError`, `MissingFile`, `UnwritableFile`; the database is as before then.
@discardableResult
public func restoreDatabase(
    at location: String, from backup: URL, replace: Bool, at now: Instant
) throws -> RestoredRevocations {
    try SQLiteBackup.restore(path: databasePath(of: location), from: backup, replace: replace, at: now)
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
