import ArgumentParser
import Domain
import Foundation
import Pipeline

/// `avicenna crontab`
struct PrintCrontab: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "crontab", abstract: "Print crontab lines that run the jobs when they are due.")

    @Option(help: "Folder to run in, with the configuration file. (default: this one)")
    var folder: String?

    @Option(help: "Where the program is. (default: this one)")
    var binary: String?

    @OptionGroup var options: SettingsOptions

    func run() throws {
        let settings = try options.load()
        let here = FileManager.default.currentDirectoryPath
        let program = try binary ?? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let crontab = Crontab(
            jobs: try JobDefinition.all(in: settings.jobs), zone: settings.timezone, serverZone: .current,
            binary: program, folder: folder ?? here)
        try Terminal.write(crontab.text(asOf: settings.timezone.day(of: Terminal.now())))
    }
}
