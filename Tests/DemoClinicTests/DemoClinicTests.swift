import Crypto
import DemoClinic
import Domain
import Foundation
import Store
import StoreSQLite
import Testing
import TestSupport

@Suite(.timeLimit(.minutes(30))) struct DemoClinicTests {
    private static let files = ["patients.csv", "diagnoses.csv", "recommendations.csv", "feedback.csv"]

    private func write(_ feedback: Int, seed: UInt64) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try DemoClinic(feedback: feedback, seed: seed, lastDay: day("2026-09-30")).write(to: folder.url)
        return folder
    }

    @Test func sameSeedSameBytes() throws {
        let (first, second, other) = (try write(2000, seed: 7), try write(2000, seed: 7), try write(2000, seed: 8))
        for file in Self.files {
            #expect(try first.read(file) == second.read(file))
            #expect(try first.read(file) != other.read(file))
        }
    }

    /// Guards the promise across versions of this software.
    @Test func theBytesOfSeedOneAreKnown() throws {
        let folder = try write(5000, seed: 1)
        var hash = SHA256()
        for file in Self.files { hash.update(data: Data(try folder.read(file).utf8)) }
        let digest = hash.finalize().description
        #expect(digest == "SHA256 digest: c17e9ffbaf2f1decb44aa89a5711a4659760f92804459a33fe6a61ce8ccdc538")
    }

    @Test("imports without a reject", arguments: [1, 2, 9, 1000])
    func importsWithoutAReject(feedback: Int) throws {
        let folder = try write(feedback, seed: 3)
        let database = try openDatabase(at: folder.path("clinic.db"), create: true)
        let summary = try database.importRecords(
            ClinicFolder(folder.url.path),
            options: ImportOptions(
                allowedRejects: 0, rejectsPath: folder.path("rejects.csv"), now: instant("2026-10-01T00:00:00Z"),
                timezone: .utc))
        #expect(summary.files[3].inserted == feedback)
        let zone = try #require(ClinicTimeZone(identifier: "Asia/Tehran"))
        let clinic = try database.clinic(asOf: day("2026-09-30"), in: zone)
        #expect(clinic.cases.day.allSatisfy { $0 > day("2024-09-29") && $0 <= day("2026-09-30") })
        #expect(clinic.herbs.terms.count <= 24)
        #expect(clinic.conditions.terms.count <= 12)
    }
}
