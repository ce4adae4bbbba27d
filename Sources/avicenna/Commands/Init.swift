import ArgumentParser
import Store

/// `avicenna init`
struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Create the database, or bring its schema up to date.")

    @OptionGroup var options: SettingsOptions

    func run() throws {
        let settings = try options.load()
        let database = try openDatabase(at: settings.database, create: true)
        let counts = try database.recordCounts()
        try Terminal.write(
            "\(database.location): ready, with \(counts.patients.grouped) patients, \(counts.diagnoses.grouped) "
                + "diagnoses, \(counts.recommendations.grouped) recommendations and \(counts.feedback.grouped) feedback\n"
        )
    }
}
