import ArgumentParser
import Domain
import Foundation
import Pipeline
import Store

/// `avicenna run`
struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a job: compute, publish what changed, and write its reports.")

    @Argument(help: "Name of the job.")
    var job: String

    @Option(help: "The last day that the computation sees, such as 2026-10-20. (default: yesterday)")
    var asOf: Day?

    @Option(help: "The first of several days to run for, one after the other.")
    var from: Day?

    @Option(help: "The last of several days.")
    var to: Day?

    @Option(
        help: ArgumentHelp("The stages to run instead of the job's, with commas between.", valueName: "stage,…"))
    var only: String?

    @Flag(help: "Run only if the job's schedule asks for it, once each time; for cron.")
    var ifDue = false

    @Option(help: "Seconds to wait while another process runs on the database.")
    var wait = 0

    @OptionGroup var options: SettingsOptions

    func validate() throws {
        guard (from == nil) == (to == nil) else { throw ValidationError("--from and --to go together.") }
        guard from == nil || asOf == nil else { throw ValidationError("--as-of goes without --from and --to.") }
        guard !ifDue || from == nil && asOf == nil && only == nil else {
            throw ValidationError("--if-due goes without --as-of, --from, --to and --only.")
        }
    }

    func run() async throws {
        let command = self
        try await Signals.endingCleanly { try await command.runDays() }
    }

    private func runDays() async throws {
        let settings = try options.load()
        let job = try JobDefinition(named: job, in: settings.jobs)
        let stages = try selectedStages()
        var days = try days(in: settings)
        let database = try openDatabase(at: settings.database)
        let lock = try await DatabaseLock(of: database.location, wait: .seconds(wait), onWait: Terminal.noteWaiting)
        try database.noteDeaths()
        if ifDue {
            // Asked once the lock is held, so that of several that start together one runs.
            guard let due = try job.dueRun(in: database, now: Terminal.now(), zone: settings.timezone) else { return }
            days = due.days(after: try database.latestDayDone(by: job.name), catchUp: job.catchUp)
        }
        let runner = JobRunner(
            database: database, settings: settings, softwareVersion: Version.current, now: Terminal.now
        ) { failure, wait in
            Terminal.note("\(failure); trying again in \(wait.components.seconds) s")
        }
        for day in days {
            let summary = try await runner.run(job, asOf: day, only: stages, trigger: ifDue ? .schedule : .manual)
            try Terminal.write(day == days.last ? summary.screen : summary.oneLine)
            if let replaced = summary.computation?.replacedDay, replaced > day {
                Terminal.note("note: the published results are of \(day) now; before they were of \(replaced)")
            }
        }
        withExtendedLifetime(lock) {}
    }

    private func selectedStages() throws -> [Stage]? {
        guard let only else { return nil }
        return try only.split(separator: ",").map { name in
            guard let stage = Stage(rawValue: String(name)) else {
                throw DefinitionError(
                    place: "command line", key: "--only",
                    reason: "has no '\(name)'; \(suggestion(for: String(name), among: Stage.allCases.map(\.rawValue)))")
            }
            return stage
        }
    }

    private func days(in settings: Settings) throws -> [Day] {
        let today = settings.timezone.day(of: Terminal.now())
        let first = from ?? asOf ?? today - 1
        let last = to ?? asOf ?? today - 1
        guard first <= last else { throw RunError.emptySpan(from: first, to: last) }
        guard last <= today else { throw RunError.future(asOf: last) }
        return (first.daysSinceEpoch...last.daysSinceEpoch).map(Day.init(daysSinceEpoch:))
    }
}
