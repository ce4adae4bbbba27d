import ArgumentParser
import Configuration
import Foundation
import Pipeline
import Store
import StoreSQLite
import Web

/// `avicenna relay`
struct RelayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "relay",
        abstract: "Tell live clients over WebSocket what changed, until told to end.",
        discussion: """
            Clients follow a diagnosis at /ws/DIAGNOSIS with a token. 'token_secret_file' or 'token_public_key' in the \
            settings says which tokens are genuine.
            """)

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        let settings = try options.load()
        let database = try openDatabase(at: settings.database)
        try await serve(.relay(softwareVersion: Version.current), of: database, settings)
    }
}

/// Serves until told to end, and says where.
func serve(_ mode: Server.Mode, of database: any ClinicStore, _ settings: Settings) async throws {
    let passwordFile = if case .everything = mode { settings.mail?.server.passwordFile } else { URL?.none }
    for file in [settings.tokens.secretFile, passwordFile].compactMap(\.self) {
        guard let finding = Checkup.Finding.rights(of: file.path) else { continue }
        Log.logger.warning("\(finding.text); \(finding.advice)")
    }
    let server = try await Server(
        mode, of: database, settings: settings, now: Terminal.now, logger: Log.server, requestLog: Log.logger,
        onRun: RunLog().tell)
    try await server.run { ports in
        let metrics = ports.metrics.flatMap { settings.metricsAddress?.with(port: $0) }
        Log.logger.notice(
            "listening at \(settings.authority(port: ports.main))\(metrics.map { ", metrics at \($0)" } ?? "")")
    }
}
