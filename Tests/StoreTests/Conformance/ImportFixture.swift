import Domain
import Store
import TestSupport

/// A database and the folder of files that tests import into it.
struct ImportFixture {
    let folder: TemporaryFolder
    let database: any ClinicStore

    init(on engine: StorageEngine) throws {
        folder = try TemporaryFolder()
        database = try engine.open(in: folder)
    }

    /// The options of imports: rejects are listed in `rejects.csv`.
    func options(allowing allowed: Int? = 0) -> ImportOptions {
        ImportOptions(
            allowedRejects: allowed, rejectsPath: folder.path("rejects.csv"), now: instant("2026-03-01T00:00:00Z"),
            timezone: .utc)
    }

    /// Imports the files that are in the folder `in`.
    func importFolder(allowing allowed: Int? = 0) throws -> ImportSummary {
        try database.importRecords(ClinicFolder(folder.path("in")), options: options(allowing: allowed))
    }

    /// Imports sound files, some of them changed.
    func importing(_ changes: [String: String] = [:], allowing allowed: Int? = 0) throws -> ImportSummary {
        for (name, text) in ClinicFiles.sound.merging(changes, uniquingKeysWith: { $1 }) {
            try folder.write(text, to: "in/\(name)")
        }
        return try importFolder(allowing: allowed)
    }

    /// Imports a flat file.
    func importing(_ csv: String, _ mapping: ImportMapping, allowing allowed: Int? = 0) throws -> ImportSummary {
        try database.importRecords(
            MappedFile(try folder.write(csv, to: "reviews.csv"), mapping: mapping), options: options(allowing: allowed))
    }
}
