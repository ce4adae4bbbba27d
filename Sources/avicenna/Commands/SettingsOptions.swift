import ArgumentParser
import Configuration
import Domain
import Foundation
import Store

/// The settings as flags; each can also stand in the configuration file or the environment.
struct SettingsOptions: ParsableArguments {
    @Option(help: "Configuration file. (default: avicenna.yaml where there is one)")
    var config: String?

    @Option(help: "Path of the database, or an sqlite: URL. (default: avicenna.db)")
    var database: String?

    @Option(help: "Time zone of the clinic, such as Asia/Tehran. (default: UTC)")
    var timezone: String?

    @Option(help: "Calendar of the days that are typed: gregorian or persian. (default: gregorian)")
    var calendar: String?

    @Option(help: "Lowest rating that counts as a success. (default: 4)")
    var successRating: String?

    @Option(help: "Fewest cases for a row of a report that does not say. (default: 5)")
    var minimumSamples: String?

    @Option(help: "Language of reports: en, fa or ar. (default: en)")
    var language: String?

    @Option(help: "Folder of job definitions. (default: jobs)")
    var jobs: String?

    @Option(help: "Folder of report definitions. (default: reports)")
    var reports: String?

    @Option(help: "Folder for report files. (default: output)")
    var output: String?

    @Option(
        help:
            "First month whose figures are released to anybody, such as 2026-11. (default: the month of the first run)")
    var publicFrom: String?

    @Option(help: "Ledger of released figures. (default: the path of the database and '.released')")
    var releaseLedger: String?

    @Option(help: "Whether CSV report files begin with a byte order mark: true or false. (default: false)")
    var csvBom: String?

    @Option(help: "Form of what is logged to stderr: text or json. (default: text)")
    var logFormat: String?

    @Option(help: "File for metrics after each run, for the textfile collector of node_exporter.")
    var metricsFile: String?

    @Option(help: "Address that the server listens at. (default: 127.0.0.1)")
    var host: String?

    @Option(help: "Port that the server listens at; 0 for any that is free. (default: 8080)")
    var port: String?

    @Option(help: "Address and port for metrics and status without a token, such as 127.0.0.1:9464. (default: none)")
    var metricsAddress: String?

    private var flags: [Settings.Key: String] {
        let given: [Settings.Key: String?] = [
            .database: database, .timezone: timezone, .calendar: calendar, .successRating: successRating,
            .minimumSamples: minimumSamples, .language: language, .jobs: jobs, .reports: reports, .output: output,
            .csvByteOrderMark: csvBom, .logFormat: logFormat, .metricsFile: metricsFile,
            .publicFrom: publicFrom, .releaseLedger: releaseLedger, .host: host, .port: port,
            .metricsAddress: metricsAddress,
        ]
        return given.compactMapValues { $0 }
    }

    /// The settings from flags, environment and file.
    func load() throws -> Settings {
        let settings = try SettingsLoader(
            flags: flags, configFile: config, environment: ProcessInfo.processInfo.environment,
            installation: Self.installation
        ).load()
        Log.use(settings.logFormat)
        return settings
    }

    /// `PREFIX/share/avicenna` of a binary in `PREFIX/bin`.
    private static var installation: URL? {
        // Without /proc there is no installation to find; the working directory is used then.
        guard let binary = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
            return nil
        }
        return URL(filePath: binary).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "share/avicenna")
    }
}

/// Data on stdout in one of three forms.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case table
    case csv
    case json
}
