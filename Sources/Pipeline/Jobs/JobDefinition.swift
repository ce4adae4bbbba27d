public import Configuration
public import Domain
public import Foundation
public import Reports

/// A job as an operator defines it in a file: when it runs, what it computes, and what it does when that fails.
public struct JobDefinition: Sendable {
    /// Name of the job: that of its file.
    public let name: String
    /// When it runs, in the clinic's time zone.
    public let schedule: CronSchedule?
    /// What it computes, in the order in which stages run.
    public let stages: [Stage]
    /// The logical day of its runs.
    public let runsAsOf: LogicalDay
    /// The reports it renders.
    public let reports: [String]
    /// The formats of its reports, instead of those that the reports name.
    public let formats: [ReportFormat]?
    /// The languages of its reports, instead of the one that each report or the settings name.
    public let languages: [Language]?
    /// Where its reports go.
    public let delivery: DeliveryDefinition
    /// Who is told by mail where a run fails.
    public let toldOfFailure: [MailAddress]
    /// How many missed days it runs for, one after the other, before the day that is due.
    public let catchUp: Int
    /// How often it is tried where an error can heal.
    public let retry: Retry
    /// How long a run may take; checked between its steps.
    public internal(set) var timeout: Duration?

    /// The logical day of a run, where nobody names one.
    public enum LogicalDay: String, CaseIterable, Sendable {
        /// The day before, which is over and whole.
        case yesterday
        /// The day on which it runs, as far as it has gone.
        case today

        /// The logical day of a run on a day.
        public func day(on today: Day) -> Day { self == .today ? today : today - 1 }
    }

    /// How often a run is tried.
    public struct Retry: Equatable, Sendable {
        /// Tries in all, at least one.
        public var attempts = 1
        /// The wait before the second try.
        public var wait = Duration.seconds(30)
    }

    /// Reads `NAME.yaml` in a folder.
    ///
    /// - Throws: `DefinitionError` for an unknown name or value; `MissingFile` where the file cannot be read.
    public init(named name: String, in folder: URL) throws {
        try self.init(DefinitionFolder(folder, kind: "job").definition(named: name), name: name)
    }

    /// All jobs of a folder, by name.
    public static func all(in folder: URL) throws -> [JobDefinition] {
        try DefinitionFolder(folder, kind: "job").names().map { try Self(named: $0, in: folder) }
    }

    /// Reads a job from its definition.
    public init(_ definition: Definition, name: String) throws {
        try definition.allow([
            "schedule", "stages", "as_of", "reports", "formats", "languages", "delivery", "on_failure", "catch_up",
            "retry", "timeout",
        ])
        self.name = name
        schedule = try definition.string("schedule").map { text in
            guard let schedule = CronSchedule(text) else {
                throw definition.error(
                    "schedule", "'\(text)' is no cron schedule; write five fields such as '15 2 * * *', or @daily")
            }
            return schedule
        }
        guard let named = try definition.words("stages", as: Stage.self), !named.isEmpty else {
            throw definition.error(
                "stages", "is missing; known: \(Stage.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        stages = Stage.allCases.filter(named.contains)
        runsAsOf = try definition.word("as_of", as: LogicalDay.self) ?? .yesterday
        reports = try definition.strings("reports") ?? []
        if !reports.isEmpty, !stages.contains(.reports) {
            throw definition.error("reports", "are listed, but the stages lack 'reports'; add it")
        }
        formats = try definition.words("formats", as: ReportFormat.self)
        languages = try definition.words("languages", as: Language.self)
        for key in ["formats", "languages", "delivery"] where reports.isEmpty && definition.has(key) {
            throw definition.error(key, "is given, but there are no 'reports' to write")
        }
        delivery = try definition.mapping("delivery").map(DeliveryDefinition.init) ?? DeliveryDefinition()
        var told: [MailAddress] = []
        if let keys = try definition.mapping("on_failure") {
            try keys.allow(["mail"])
            told = try keys.addresses("mail")
        }
        toldOfFailure = told
        catchUp = try definition.integer("catch_up", in: 0...366) ?? 0
        var retry = Retry()
        if let keys = try definition.mapping("retry") {
            try keys.allow(["attempts", "wait"])
            retry.attempts = try keys.integer("attempts", in: 1...100) ?? retry.attempts
            retry.wait = try Self.duration("wait", of: keys) ?? retry.wait
        }
        self.retry = retry
        timeout = try Self.duration("timeout", of: definition)
    }

    /// A span of time such as `30s`, `5m` or `2h`.
    private static func duration(_ key: String, of definition: Definition) throws -> Duration? {
        guard let written = try definition.string(key) else { return nil }
        let text = written.withPlainDigits
        let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600]
        guard let unit = text.last.flatMap({ units[$0] }), let number = Int(text.dropLast()),
            (1...100_000).contains(number)
        else { throw definition.error(key, "is '\(written)', but must be a span of time such as 30s, 5m or 2h") }
        return .seconds(number * unit)
    }
}
