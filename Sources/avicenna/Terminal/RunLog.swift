import Domain
import Logging
import Pipeline
import Reports
import Store
import Synchronization

/// Tells of runs while they go on: in the log, and as a bar on a terminal.
final class RunLog: Sendable {
    private let bar = ProgressBar()
    /// The run that goes on, which every line names.
    private let logger = Mutex(Log.logger)

    /// Whether a run went on at all.
    var hasBegun: Bool { logger.withLock { $0[metadataKey: "run"] != nil } }

    func tell(_ event: RunEvent) {
        let logger = logger.withLock { $0 }
        switch event {
        case .waiting: Log.noteWaiting()
        case .died(let run):
            logger.notice(
                "run \(run.id) of \(run.start.job) as of \(run.start.asOf) never ended: it was killed, or the machine went down",
                metadata: ["died": .stringConvertible(run.id.rawValue)])
        case .publishedPast(let past): logger.notice("\(past.description)")
        case .idle(let reason): logger.info("nothing to run: \(reason)")
        case .began(let run, let start): begin(run, start)
        case .step(let step, let fraction):
            bar?.show(fraction, step, isLasting: true)
            logger.info("\(step) began", metadata: ["step": .string(step)])
        case .stepEnded(let step, let seconds, let stage): endStep(step, seconds, stage)
        case .published(let publication, let digest):
            logger.info(
                "published",
                metadata: [
                    "rows_written": .stringConvertible(publication.rows),
                    "deltas": .stringConvertible(publication.deltas), "digest": .string(digest),
                ])
        case .released(let month):
            logger.info(
                "released the figures of \(month.month)",
                metadata: [
                    "subjects": .stringConvertible(month.cells.count),
                    "new_subjects": .stringConvertible(month.entries.count),
                ])
        case .releaseFailed(let reason):
            // As text, the error with which the run ends names it.
            logger.info("could not release figures: \(reason)")
        case .wrote(let file):
            logger.info(
                "wrote \(file.url.relativePath)",
                metadata: ["file": .string(file.url.path), "rows": .stringConvertible(file.rows)])
            if let warning = file.fontWarning { logger.notice("\(warning)") }
        case .reportFailed(let failure):
            // As text, the error with which the run ends names it.
            logger.info(
                "could not write \(failure.description)",
                metadata: ["report": .string(failure.report), "language": .string(failure.language.rawValue)])
        case .removed(let count, let folder):
            logger.info("deleted \(count.counted("old report file")) in \(folder)")
        case .delivery(let key, let state): tell(key, state)
        case .retrying(let reason, let wait):
            bar?.clear()
            logger.notice("\(reason); trying again in \(wait.components.seconds) s")
        case .ended(_, let end): self.end(end)
        }
    }

    private func begin(_ run: RunID, _ start: RunStart) {
        let logger = logger.withLock { logger in
            logger[metadataKey: "run"] = .stringConvertible(run.rawValue)
            logger[metadataKey: "job"] = .string(start.job)
            logger[metadataKey: "as_of"] = .string("\(start.asOf)")
            return logger
        }
        logger.info("run began", metadata: ["trigger": .string(start.trigger.rawValue)])
    }

    private func endStep(_ step: String, _ seconds: Double, _ stage: StageRecord?) {
        var metadata: Logger.Metadata = ["step": .string(step), "seconds": .stringConvertible(seconds)]
        if let stage {
            metadata["rows_read"] = .stringConvertible(stage.rowsRead)
            metadata["memory_bytes"] = .stringConvertible(stage.memory)
        }
        logger.withLock { $0 }.info("\(step) ended", metadata: metadata)
    }

    /// What failed is told of by the error with which the run ends.
    private func tell(_ key: DeliveryKey, _ state: DeliveryState) {
        var metadata: Logger.Metadata = [
            "channel": .string(key.channel.rawValue), "recipient": .string(key.recipient),
            "report": .string(key.report), "status": .string(state.status.rawValue),
        ]
        if let reason = state.reason { metadata["reason"] = .string(reason) }
        logger.withLock { $0 }.info("\(key.channel.rawValue) \(state.status.rawValue)", metadata: metadata)
    }

    private func end(_ end: RunEnd) {
        bar?.clear()
        let logger = logger.withLock { $0 }
        let metadata: Logger.Metadata = ["status": .string(end.status.rawValue)]
        logger.info(
            "run ended", metadata: end.error.map { metadata.merging(["error": .string($0)]) { $1 } } ?? metadata)
    }
}
