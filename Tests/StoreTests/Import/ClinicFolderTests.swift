import Configuration
import Foundation
import Store
import TestSupport
import Testing

/// The files of a clinic folder.
@Suite(.timeLimit(.minutes(30))) struct ClinicFolderTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func whatIsMissingIsNamed() throws {
        #expect(throws: MissingFile.self) { try ClinicFolder(folder.path("nowhere")) }
        try folder.write("x", to: "empty/readme.txt")
        let error = #expect(throws: MissingFile.self) { try ClinicFolder(folder.path("empty")) }
        #expect(error?.description.contains("has no patients.csv") == true)
        #expect(error?.status == .missingInput)
        #expect(throws: MissingFile.self) { try ClinicFolder(folder.path("empty/readme.txt")) }
    }
}
