import ArgumentParser
import Configuration
import Domain
import Foundation
import Pipeline
import Store
import StoreSQLite

/// `avicenna run`
struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a job: compute, publish what changed, write its reports and deliver them.",
        discussion: """
            On a terminal it says what it did on one screen, else on one line. Of several days, only the reports of the \
            last are mailed, and no mail that arrived is sent twice for the same day.
            """)

    @Argument(help: "Name of the job. (with --trigger feedback, default: feedback)")
    var job: String?

    @Option(
        help:
            "The last day that the computation sees, such as 2026-10-20 or 1405-07-28-persian. (default: as the job says, or yesterday)"
    )
    var asOf: TypedDay?

    @Option(
        help:
            "The first of several days to run for, one after the other; then the latest day that was published is published again."
    )
    var from: TypedDay?

    @Option(help: "The last of several days.")
    var to: TypedDay?

    @Flag(
        help:
            "Run also for days before the first record and for more than ten years, and where nothing would replace results."
    )
    var force = false

    @Option(
        help: ArgumentHelp("The stages to run instead of the job's, with commas between.", valueName: "stage,…"))
    var only: String?

    @Flag(help: "Run only if the job's schedule asks for it, once each time; for cron.")
    var ifDue = false

    @Option(help: "With 'feedback': run only if enough feedback came in since results were published.")
    var trigger: Trigger?

    @Option(help: "Seconds to wait while another process runs on the database.")
    var wait = 0

    @Flag(help: "Send no mail.")
    var noMail = false

    @Flag(help: "Say what would happen, and do nothing.")
    var dryRun = false

    @Flag(name: .shortAndLong, help: "Say nothing where all goes well.")
    var quiet = false

    @Flag(name: .shortAndLong, help: "Say what it did on one screen, also where nobody watches.")
    var verbose = false

    @OptionGroup var options: SettingsOptions

    /// What may call for a run, besides the one who typed it.
    enum Trigger: String, ExpressibleByArgument, CaseIterable {
        case feedback
    }

    func validate() throws {
        guard job != nil || trigger == .feedback else { throw ValidationError("Name a job.") }
        guard (from == nil) == (to == nil) else { throw ValidationError("--from and --to go together.") }
        guard from == nil || asOf == nil else { throw ValidationError("--as-of goes without --from and --to.") }
        guard !ifDue || trigger == nil else { throw ValidationError("--if-due goes without --trigger.") }
        guard !ifDue && trigger == nil || from == nil && asOf == nil && only == nil else {
            throw ValidationError("--if-due and --trigger go without --as-of, --from, --to and --only.")
        }
        guard !quiet || !verbose else { throw ValidationError("--quiet goes without --verbose.") }
    }

    func run() async throws {
        try LargePages.use(for: options.load().database)
        let command = self
        try await Signals.endingCleanly { try await command.runJob() }
    }

    private func runJob() async throws {
        let settings = try options.load()
        let job = try JobDefinition(named: job ?? Trigger.feedback.rawValue, in: settings.jobs)
        let stages = try selectedStages()
        let request = try request(in: settings.calendar)
        try request.check(on: settings.timezone.day(of: Terminal.now()))
        let log = RunLog()
        let database = try await job.retry.attempt(
            onRetry: { log.tell(.retrying(reason: $0.description, wait: $1)) },
            { [dryRun] in
                try dryRun ? openDatabaseForReading(at: settings.database) : openDatabase(at: settings.database)
            })
        if dryRun {
            let forecast = try RunForecast(
                of: job, as: request, only: stages, mails: !noMail, force: force, in: database,
                settings: settings, now: Terminal.now())
            try Terminal.show(forecast.screen(of: job))
            return
        }
        let runner = JobRunner(
            database: database, settings: settings, softwareVersion: Version.current, now: Terminal.now,
            onEvent: log.tell)
        do {
            try await runner.run(
                job, as: request, only: stages, wait: .seconds(wait), mails: !noMail, force: force
            ) { try tell($0, isLast: $1, in: database, settings) }
        } catch {
            if log.hasBegun { tellWhatIsPublished(in: database, settings, after: error) }
            try? writeMetrics(of: database, settings)  // the run's own error is the one to tell
            throw error
        }
        try writeMetrics(of: database, settings)
    }

    private func request(in calendar: InputCalendar) throws -> RunRequest {
        if ifDue { return .due }
        if trigger == .feedback { return .feedback }
        return .days(
            from: try from?.day(in: calendar, for: "--from") ?? asOf?.day(in: calendar, for: "--as-of"),
            to: try to?.day(in: calendar, for: "--to"))
    }

    private func tell(_ summary: RunSummary, isLast: Bool, in database: any ClinicStore, _ settings: Settings) throws {
        // After several days, the latest is published again.
        if summary.computation != nil, from == nil, !ifDue, !quiet,
            let past = try database.pastPublication(today: settings.timezone.day(of: Terminal.now()))
        {
            Log.logger.notice("note: \(past.description)")
        }
        guard !quiet else { return }
        let isWatched = verbose || isatty(STDOUT_FILENO) == 1
        try Terminal.show(isWatched && isLast ? summary.screen : [summary.oneLine])
    }

    /// After a run that failed: which results readers still see.
    private func tellWhatIsPublished(in database: any ClinicStore, _ settings: Settings, after error: any Error) {
        switch error {
        case RunError.undelivered, RunError.reportsFailed, RunError.releaseFailed: return
        default: break
        }
        // Where this fails as well, the first error says it all.
        guard let origins = try? database.readPublished({ try $0.origins() }) else { return }
        if let past = try? database.pastPublication(today: settings.timezone.day(of: Terminal.now())) {
            Log.logger.notice("\(past.description)")
        } else if let newest = origins.values.max(by: { $0.run < $1.run }) {
            Log.logger.notice("the published results are those as of \(newest.asOf), of run \(newest.run)")
        }
    }

    private func writeMetrics(of database: any ClinicStore, _ settings: Settings) throws {
        guard let file = settings.metricsFile else { return }
        let today = settings.timezone.day(of: Terminal.now())
        try RunMetrics(of: database, today: today, zone: settings.timezone).write(to: file)
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
}
