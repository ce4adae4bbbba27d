import ArgumentParser
import Domain
import Foundation

/// The command line.
@main
struct Avicenna: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "avicenna",
        abstract: "Analytics for clinics of Persian medicine: what works, for whom, and what to expect.",
        usage: "avicenna [<options>] <subcommand> [<options>]",
        version: Version.current,
        subcommands: [
            Init.self, Demo.self, Import.self, Run.self, ResultsCommand.self, ReportCommand.self, Jobs.self,
            PrintCrontab.self, Runs.self, Deliveries.self, ReleasesCommand.self, Verify.self, Backup.self, Restore.self,
            Prune.self,
            Doctor.self, Serve.self, RelayCommand.self, Watch.self, Token.self, Audit.self,
        ])

    /// The settings may stand before the subcommand as well as after it; those after it count.
    @OptionGroup var options: SettingsOptions

    /// Runs a command; what went wrong is one line on stderr and a status after sysexits.h.
    static func main() async {
        // A file that may not grow is an error to report, not a reason to be killed.
        signal(SIGXFSZ, SIG_IGN)
        Log.begin()
        do {
            try AddressSpace.check()
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let failure as any Failure {
            Log.logger.error("\(failure)")
            Foundation.exit(failure.status.rawValue)
        } catch let misuse where exitCode(for: misuse) == .validationFailure {
            var reason = message(for: misuse).prefix { $0 != "\n" }
            while reason.last == "." { reason.removeLast() }
            Log.logger.error("\(reason); see 'avicenna --help'")
            Foundation.exit(ExitStatus.usage.rawValue)
        } catch let unforeseen where exitCode(for: unforeseen) == .failure {
            Log.logger.error("\(unforeseen)")
            Foundation.exit(ExitStatus.software.rawValue)
        } catch {
            // Help was asked for, or what is to be said has been said.
            exit(withError: error)
        }
    }
}

/// The version of the software.
enum Version {
    static let current = "0.2.0"
}
