import Domain
import Store
import TestSupport
import Testing

/// Everything that is written has an entry in the audit log, and verifies against it.
@Suite(.timeLimit(.minutes(30))) struct AuditTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func auditedClinic(on engine: StorageEngine) throws -> any ClinicStore {
        let database = try engine.open(in: folder)
        try TestClinic.writeAuditedClinic(to: database)
        return database
    }

    @Test(arguments: StorageEngine.all) func whatTheProgramWroteIsVerified(engine: StorageEngine) throws {
        let report = try auditedClinic(on: engine).auditReport(against: nil)
        #expect(report.problems == [])
        #expect(report.entries == 3 + 2 + 5 + 1 + 3)
        #expect(report.uncovered == 0 && report.unverified == [])
    }

    @Test(arguments: StorageEngine.all) func importsThatChangeNothingHaveNoEntry(engine: StorageEngine) throws {
        let database = try auditedClinic(on: engine)
        let before = try database.auditReport(against: nil)
        try TestClinic.writeOtherSource(to: database, at: Instant(seconds: 8))
        #expect(try database.auditReport(against: nil) == before)
    }

    @Test("the log has the entry that was noted, and none that was not", arguments: StorageEngine.all)
    func notedEntries(engine: StorageEngine) throws {
        let database = try auditedClinic(on: engine)
        let noted = try #require(try database.auditReport(against: nil).head)
        try database.write(.submit([draft(1)]))
        #expect(try database.auditReport(against: noted).problems == [])
        #expect(try database.auditReport(against: (noted.number + 1, noted.hash)).problems != [])
        #expect(try database.auditReport(against: (noted.number + 9, noted.hash)).problems != [])
    }

    @Test(arguments: StorageEngine.all) func textsWithNULAreStoredWholeAndVerified(engine: StorageEngine) throws {
        let database = try auditedClinic(on: engine)
        for subject in ["a\0b", "\0", "a\0"] {
            try database.write(.submit([draft(1)]), by: Requester(subject: subject, role: .admin, patient: nil))
        }
        #expect(try database.auditReport(against: nil).problems == [])
    }

    @Test(arguments: StorageEngine.all) func theSourceOfTheAPIIsReserved(engine: StorageEngine) throws {
        let database = try auditedClinic(on: engine)
        #expect(throws: StoreError.reservedSource("api")) {
            try database.importRecords(from: "api", at: Orders.noon, firstNumber: 1) { _ in }
        }
    }

    @Test(arguments: StorageEngine.all) func recordsOfManyImportsAndChunksAreVerified(engine: StorageEngine) throws {
        let database = try engine.open(in: folder)
        try TestClinic.writeRepeatedly(to: database)
        #expect(try database.auditReport(against: nil).problems == [])
    }
}
