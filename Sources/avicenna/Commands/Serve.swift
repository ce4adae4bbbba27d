import ArgumentParser
import Domain
import Store
import StoreSQLite
import Web

/// `avicenna serve`
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve the REST API and the relay on one port, until told to end.",
        discussion: """
            /docs describes the API. Tokens are those of the relay: 'token_secret_file' or 'token_public_key' in the \
            settings says which are genuine. New feedback runs the job 'feedback' where enough has come in.
            """)

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        let settings = try options.load()
        let database = try openDatabase(at: settings.database)
        try await serve(.everything(softwareVersion: Version.current), of: database, settings)
    }
}
