public import Domain
public import Reports
import Statistics
public import Store

/// What a run did, for the operator: one screen.
public struct RunSummary: Sendable {
    /// Name of the job.
    public let job: String
    /// Number of the run.
    public let run: RunID
    /// The logical day.
    public let asOf: Day
    /// What it computed and published; `nil` where it only wrote reports.
    public let computation: Computation?
    /// The months whose figures it released to anybody.
    public let released: [CalendarMonth]
    /// Why figures could not be released; `nil` where they were, or none were due.
    public let releaseFailure: (any Error)?
    /// Report files.
    public let files: [ReportFile]
    /// Reports that could not be written in all of their formats.
    public let failures: [ReportFailure]
    /// How many reports it was to write, each language by itself.
    public let reports: Int
    /// What came of its mails.
    public internal(set) var mails: MailOutcome
    /// Seconds of each step, in order.
    public let seconds: [(step: String, seconds: Double)]

    /// What is to be said of figures that were not released, reports that were not written and mails that were not delivered;
    /// `nil` where all were.
    public var problem: RunError? {
        guard let releaseFailure else { return deliveryProblem }
        return .releaseFailed(
            job: job, reason: "\(releaseFailure)", status: (releaseFailure as? any Failure)?.status ?? .software,
            also: deliveryProblem)
    }

    private var deliveryProblem: RunError? {
        if let first = failures.first {
            return .reportsFailed(
                job: job, run: run, reasons: failures.map(\.description), of: reports,
                undelivered: mails.problems.count, status: first.status)
        }
        return mails.problems.first.map { .undelivered(job: job, count: mails.problems.count, example: $0) }
    }

    /// How the run ended.
    var status: RunStatus {
        if releaseFailure != nil { return .incomplete }
        if !failures.isEmpty { return computation == nil && files.isEmpty ? .failed : .incomplete }
        return mails.problems.isEmpty ? .succeeded : .undelivered
    }

    /// What a run computed and published.
    public struct Computation: Sendable {
        /// The latest day of which results were published before; `nil` where there were none.
        public let replacedDay: Day?
        /// Patients, diagnoses, recommendations and cases that were read.
        public let rowsRead: (patients: Int, diagnoses: Int, recommendations: Int, cases: Int)
        /// Subjects with a case, by level.
        public let subjects: [(level: Level, count: Int)]
        /// Treatments whose rate rose, the surest first.
        public let improving: [TreatmentTrend]
        /// Treatments whose rate fell, the surest first.
        public let declining: [TreatmentTrend]
        /// Recommendations that have scores.
        public let predictions: Int?
        /// Rows and deltas that were written.
        public let publication: Publication
        /// Digest of the results, in hexadecimal.
        public let digest: String
    }

    /// A treatment that improves or declines.
    public struct TreatmentTrend: Equatable, Sendable {
        /// Herb and condition as displayed, with a dot between.
        public let treatment: String
        /// Recent rate less baseline rate.
        public let delta: Double
        /// q-value among all treatments.
        public let qValue: Double
        /// Whether the change is significant.
        public var isSignificant: Bool { qValue <= Trend.falseDiscoveryRate }
    }
}

extension RunSummary.Computation {
    init(of clinic: Clinic, results: Results, replacedDay: Day?, publication: Publication, digest: String) {
        self.replacedDay = replacedDay
        rowsRead = (
            clinic.patients.ids.count, clinic.diagnoses.ids.count, clinic.recommendations.ids.count,
            clinic.cases.count
        )
        subjects = Level.allCases.compactMap { level in
            results.effectiveness?.tallies[level].map { (level, $0.count) }
        }
        let changes = Self.changes(of: results.trends?[.treatment] ?? Keyed(), results)
        improving = changes.filter { $0.delta > 0 }
        declining = changes.filter { $0.delta < 0 }
        predictions = results.scores?.predictions.count
        self.publication = publication
        self.digest = digest
    }

    private static func changes(
        of trends: Keyed<Subject, Trend>, _ results: Results
    ) -> [RunSummary.TreatmentTrend] {
        let qValues = trends.qValues
        return trends.keys.indices.compactMap { position in
            let trend = trends.values[position]
            guard trend.direction == .improving || trend.direction == .declining, let delta = trend.delta,
                let qValue = qValues[position]
            else { return nil }
            let name = trends.keys[position].parts(
                at: .treatment, herbs: results.herbs, conditions: results.conditions
            ).joined(separator: " · ")
            return RunSummary.TreatmentTrend(treatment: name, delta: delta, qValue: qValue)
        }.sorted { ($0.qValue, $0.treatment) < ($1.qValue, $1.treatment) }
    }
}
