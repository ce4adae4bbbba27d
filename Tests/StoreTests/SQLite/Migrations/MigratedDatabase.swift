import GRDB
import TestSupport

@testable import StoreSQLite

/// A database that an earlier version filled, opened by this version.
///
/// - Parameters:
///   - migration: the last migration of the earlier version.
///   - fill: writes what the earlier version left.
func migratedDatabase(
    in folder: TemporaryFolder, from migration: String, _ fill: (GRDB.Database) throws -> Void
) throws -> SQLiteDatabase {
    let path = folder.path("old.db")
    let old = try DatabasePool(path: path)
    try Schema.migrator.migrate(old, upTo: migration)
    try old.write(fill)
    try old.close()
    return try SQLiteDatabase(path: path, create: false)
}
