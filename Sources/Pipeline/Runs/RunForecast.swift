public import Configuration
public import Domain
public import Foundation
import Reports
public import Store

/// What a run would do, without doing it.
public struct RunForecast: Sendable {
    /// The days that it would run for, and why.
    public let plan: RunPlan
    /// The stages.
    public let stages: [Stage]
    /// Whether another process runs on the database now.
    public let isLocked: Bool
    /// The day that the published results are of; `nil` where there are none.
    public let published: Day?
    /// Feedback that the published results have not seen.
    public let pending: PendingFeedback
    /// The files that the last day would write.
    public let files: [URL]
    /// The mails that the last day would send.
    public let mails: [Mail]

    /// A mail that would be sent.
    public struct Mail: Equatable, Sendable {
        /// The report, the language and the recipient.
        public let key: DeliveryKey
        /// What became of it before; `nil` where it was never tried. One that was delivered is not sent again.
        public let status: DeliveryStatus?
    }

    /// Looks ahead.
    ///
    /// - Parameters:
    ///   - only: the stages to run; `nil` for those of the job.
    ///   - mails: whether mails go out.
    ///   - force: whether it would run for days that are most likely not meant.
    /// - Throws: what would stand against the run from the beginning.
    public init(
        of job: JobDefinition, as request: RunRequest, only: [Stage]?, mails: Bool, force: Bool = false,
        in database: any ClinicStore, settings: Settings, now: Instant
    ) throws {
        plan = try job.plan(for: request, in: database, settings: settings, now: now, force: force)
        stages = job.stages(only: only)
        isLocked = database.isRunLocked()
        published = try database.readPublished { try $0.origins() }.values.map(\.asOf).max()
        let day = plan.days.last
        pending = try database.pendingFeedback(upTo: day ?? settings.timezone.day(of: now), in: settings.timezone)
        var files: [URL] = []
        var forecast: [Mail] = []
        // Reports alone show what is published.
        let shown = stages == [.reports] ? published : day
        if let day, let shown, stages.contains(.reports) {
            for name in job.reports {
                let report = try ReportDefinition(named: name, in: settings.reports)
                for output in job.outputs(of: report, settings: settings) {
                    files += output.formats.map {
                        output.folder.appending(path: ReportFileName(report: name, asOf: shown, format: $0).description)
                    }
                    for recipient in mails ? job.delivery.recipients : [] {
                        let key = DeliveryKey(
                            job: job.name, period: plan.period(of: day), report: name, language: output.language,
                            channel: .mail, recipient: recipient.address)
                        forecast.append(Mail(key: key, status: try database.delivery(key)?.state.status))
                    }
                }
            }
        }
        self.files = files
        self.mails = forecast
        if !forecast.isEmpty, settings.mail == nil { throw RunError.noMailServer(job: job.name) }
    }
}
