import GRDB
import TestSupport

@testable import StoreSQLite

extension SQLiteDatabase {
    /// A new database `clinic.db` in a folder, with the records of a clinic.
    init(in folder: TemporaryFolder, with clinic: TestClinic = TestClinic()) throws {
        try self.init(path: folder.path("clinic.db"), create: true)
        if !clinic.patients.isEmpty { try clinic.write(to: self) }
    }

    /// The number of rows of a table, or of those that meet a condition behind its name.
    func count(_ table: String) throws -> Int {
        try read { try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table)") ?? 0 }
    }
}
