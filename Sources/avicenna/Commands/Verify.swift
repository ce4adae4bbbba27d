import ArgumentParser
import Configuration
import Pipeline
import Store
import StoreSQLite

/// `avicenna verify`
struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compute a past run again from the records, and compare its digest.")

    @Argument(help: "Number of the run.")
    var number: Int64

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        let location = try options.load().database
        try LargePages.use(for: location)
        let database = try openDatabaseForReading(at: location)
        let record = try database.existingRun(number)
        guard let published = record.digest, record.end != nil else {
            throw RunError.nothingPublished(run: record.id)
        }
        let now = try await JobRunner.digest(ofComputingAgain: record, in: database)
        guard now == published else {
            let version = record.start.softwareVersion
            throw RunError.differs(
                run: record.id, asOf: record.start.asOf, published: published, now: now,
                otherVersion: version == Version.current ? nil : version)
        }
        try Terminal.show("run \(record.id) as of \(record.start.asOf): the records give the same, \(published)")
    }
}

extension RunHistory where Self: Maintenance {
    /// The run of a number that a user typed.
    func existingRun(_ number: Int64) throws -> RunRecord {
        guard let record = try run(RunID(rawValue: number)) else {
            throw MissingFile(path: location, reason: "has no run \(number); 'avicenna runs' shows them")
        }
        return record
    }
}
