import Configuration
import Domain
import Foundation
import Logging
import NIOPosix
import Pipeline
import Store

/// The clinic for those who answer requests: its records and results, and where changes go.
struct ClinicService: Sendable {
    let database: any ClinicStore
    let settings: Settings
    let writes: WriteQueue
    let recompute: RecomputeService
    let predictions: PredictionQueue
    let figures = FigureCache()
    let releases: ReleasedFigureCache
    let now: @Sendable () -> Instant

    /// A clinic with the rules of its settings. Nothing is computed until `recompute` runs or a request needs it.
    ///
    /// - Parameters:
    ///   - softwareVersion: what runs name.
    ///   - logger: told of what goes wrong.
    ///   - onRun: told of the runs that feedback calls for.
    /// - Throws: `StoreError` if the released figures cannot be found.
    init(
        of database: any ClinicStore, settings: Settings, softwareVersion: String, logger: Logger,
        now: @escaping @Sendable () -> Instant, onRun: @escaping @Sendable (RunEvent) -> Void = { _ in }
    ) throws {
        self.database = database
        self.settings = settings
        self.now = now
        let engine = IncrementalEngine(database, settings: settings, now: now)
        recompute = RecomputeService(
            database, settings: settings, engine: engine, softwareVersion: softwareVersion, logger: logger, now: now,
            onEvent: onRun)
        predictions = PredictionQueue(engine)
        let rules = WriteRules(
            editTime: Int64(settings.api.feedbackEditHours) * 3600, feedbackTrigger: settings.feedbackTrigger,
            feedbackPerDay: settings.api.feedbackPerDay, timezone: settings.timezone,
            successRating: settings.successRating)
        writes = WriteQueue(database, rules: rules, now: now)
        releases = try ReleasedFigureCache(settings, beside: database, logger: logger)
    }

    /// Reads records, as of one moment, off the event loop. Whose they are is for `body` to check.
    ///
    /// - Throws: what `body` throws; `Problem` where the database cannot be read.
    func readRecords<Value: Sendable>(
        _ body: @escaping @Sendable (any ClinicRecords) throws -> Value
    ) async throws -> Value {
        try await readAsPatient { records, _ in try body(records) }
    }

    /// Reads records and what patients see of results, as of one moment, off the event loop.
    ///
    /// - Throws: what `body` throws; `Problem` where the database cannot be read.
    func readAsPatient<Value: Sendable>(
        _ body: @escaping @Sendable (any ClinicRecords, any PatientResults) throws -> Value
    ) async throws -> Value {
        let database = database
        return try await NIOThreadPool.singleton.runIfActive { try database.readAsPatient(body) }
    }

    /// Reads records and exact results, as of one moment, off the event loop.
    ///
    /// - Throws: what `body` throws; `Problem` where the database cannot be read.
    func read<Value: Sendable>(
        as staff: StaffAccess, _ body: @escaping @Sendable (any ClinicRecords, any PublishedResults) throws -> Value
    ) async throws -> Value {
        let database = database
        return try await NIOThreadPool.singleton.runIfActive { try database.readClinic(body) }
    }

    /// What anybody may see. No record and no result is read for it, but what the database noted of releases.
    func publicFigures() async throws -> PublicFigures {
        let (database, releases) = (database, releases)
        return try await NIOThreadPool.singleton.runIfActive { releases.figures(noted: try database.notedReleases()) }
    }

    /// Answers a question about many patients from all figures, where staff ask; `nil` for others.
    func exact(
        for requester: Requester, _ question: @escaping @Sendable (any ClinicRecords) throws -> FigureQuestion
    ) async throws -> Answer? {
        guard let staff = StaffAccess(requester) else { return nil }
        return try await read(as: staff) { [figures] records, results in
            let answer = try question(records).answer(from: figures.published(results))
            guard let answer else { throw Problem(.notFound, "there are no figures of that") }
            return Answer(answer)
        }
    }

    /// Writes what a request asks for.
    ///
    /// - Parameter field: the list of the body whose entries are written; `nil` where it is one.
    /// - Throws: `Problem` if it is refused, its key was used for something else, or too many writes are waiting.
    func write(
        _ change: RecordChange, _ call: Call, _ requester: Requester, field: String? = nil, allowsParts: Bool = false,
        answer: @escaping @Sendable ([ItemOutcome]) -> WriteAnswer
    ) async throws -> Answer {
        let receipt = try await writes.write(
            WriteOrder(
                requester: requester, request: call.requestID,
                idempotency: call.idempotency.map { IdempotencyKey(text: $0.key, fingerprint: $0.fingerprint) },
                change: change, allowsParts: allowsParts, answer: answer))
        if receipt.callsForRun { recompute.requestRun() }
        switch receipt.end {
        case .written(let written, _): return Answer(text: written.body, status: .init(code: written.status))
        case .refused(let refusals): throw Problem(refusals, in: field)
        case .keyTaken:
            throw Problem(.conflict, "this Idempotency-Key was used for another request; take a new one")
        }
    }
}
