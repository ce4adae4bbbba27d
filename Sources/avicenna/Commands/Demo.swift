import ArgumentParser
import DemoClinic
import Domain
import Foundation

/// `avicenna demo`
struct Demo: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write the import files of a made-up clinic: the same seed, the same bytes.")

    @Argument(help: "Folder for the files.")
    var folder = "demo"

    @Option(help: "Feedback in all.")
    var feedback = 5000

    @Option(help: "What chance follows from.")
    var seed: UInt64 = 1

    @Option(help: "The last day that has records.")
    var lastDay = TypedDay("2026-09-30")

    @OptionGroup var options: SettingsOptions

    func validate() throws {
        guard (1...1_000_000_000).contains(feedback) else {
            throw ValidationError("--feedback must be from 1 to 1000000000.")
        }
    }

    func run() throws {
        let day = try lastDay.day(in: options.load().calendar, for: "--last-day")
        // Before, some of the patients would be older than any record may be.
        guard day.date.year >= 2000 else {
            throw ValidationError("--last-day must be a day such as 2026-09-30, from the year 2000 on.")
        }
        try DemoClinic(feedback: feedback, seed: seed, lastDay: day).write(to: URL(filePath: folder))
        try Terminal.show(
            "\(folder): a made-up clinic with \(feedback.grouped) feedback up to \(day); import it with "
                + "'avicenna import \(folder)'")
    }
}
