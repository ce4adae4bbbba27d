import ArgumentParser
import Domain
import Store
import StoreSQLite

/// `avicenna init`
struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Create the database, or bring its schema up to date.")

    @OptionGroup var options: SettingsOptions

    func run() throws {
        let settings = try options.load()
        let database = try openDatabase(at: settings.database, create: true)
        try Terminal.show("\(database.location): ready, with \(database.recordCounts().words)")
    }
}

extension RecordCounts {
    /// The counts in words, such as `12 patients, 20 diagnoses, 31 recommendations and 9 feedback`.
    var words: String {
        "\(patients.counted("patient")), \(diagnoses.counted("diagnosis", plural: "diagnoses")), "
            + "\(recommendations.counted("recommendation")) "
            + "and \(feedback.grouped) feedback"
    }
}
