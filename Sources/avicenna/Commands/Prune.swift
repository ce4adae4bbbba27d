import ArgumentParser
import Domain
import Pipeline
import Store
import StoreSQLite

/// `avicenna prune`
struct Prune: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Delete superseded results, runs, deltas and deliveries of long ago.",
        discussion: """
            Records and published results stay, and so do the runs that these come from and that schedules are reckoned \
            from. The file keeps its size, and its free room is used again; 'avicenna backup' writes a smaller one.
            """)

    @Option(help: ArgumentHelp("How many days are kept, today included.", valueName: "days"))
    var keep: Int

    @Option(help: "Seconds to wait while another process runs on the database.")
    var wait = 0

    @OptionGroup var options: SettingsOptions

    func validate() throws {
        guard (1...100_000).contains(keep) else { throw ValidationError("--keep must be from 1 to 100000.") }
    }

    func run() async throws {
        let settings = try options.load()
        let database = try openDatabase(at: settings.database)
        let lock = try await database.runLock(wait: .seconds(wait), onWait: Log.noteWaiting)
        defer { withExtendedLifetime(lock) {} }
        let first = settings.timezone.day(of: Terminal.now()) - (keep - 1)
        let counts = try database.prune(before: first, in: settings.timezone)
        try Terminal.show(
            "deleted what was before \(first): \(counts.history.counted("superseded result")), \(counts.runs.counted("run")), "
                + "\(counts.deltas.counted("delta")), \(counts.deliveries.counted("delivery", plural: "deliveries"))")
    }
}
