import Domain
import Statistics
import Store

extension JobRunner {
    /// Computes and publishes what new feedback touches, as the only one that runs on the database.
    ///
    /// - Parameters:
    ///   - job: whose run it is.
    ///   - engine: computes what is touched.
    ///   - wait: how long to wait while another process runs on the database.
    /// - Returns: whether it could; else the job is to be run, since the published results are not of today, or since more was
    ///   written than a few changes.
    /// - Throws: `RunError.locked` where another process still runs; `StoreError`.
    public func publishTouched(
        of job: JobDefinition, from engine: IncrementalEngine, wait: Duration
    ) async throws -> Bool {
        let lock = try await database.runLock(wait: wait) { onEvent(.waiting) }
        defer { withExtendedLifetime(lock) {} }
        let startedAt = now()
        guard let (changes, touched) = try await engine.touched() else { return false }
        guard changes > 0 else { return true }
        let start = RunStart(
            job: job.name, asOf: touched.asOf, trigger: .feedback, startedAt: startedAt,
            softwareVersion: softwareVersion, modelVersion: Ensemble.version,
            settings: RunSettings(timezone: settings.timezone, successRating: settings.successRating))
        let run = try database.beginRun(start)
        onEvent(.began(run, start))
        do {
            let publication = try database.publish(touched, run: run, at: now())
            let end = RunEnd(
                endedAt: now(), status: .succeeded, error: nil,
                stages: Stage.allCases.filter { $0 != .reports }.map {
                    StageRecord(
                        stage: $0, rowsRead: changes, rowsWritten: publication.rowsWritten[$0] ?? 0, seconds: 0,
                        memory: 0)
                }, deltas: publication.deltas)
            try database.finishRun(run, end)
            onEvent(.ended(run, end))
        } catch {
            let end = RunEnd(endedAt: now(), status: .failed, error: "\(error)", stages: [])
            // The error that ended the run is the one to tell, even if it cannot be noted.
            try? database.finishRun(run, end)
            onEvent(.ended(run, end))
            throw error
        }
        await engine.note(touched, of: run)
        return true
    }
}
