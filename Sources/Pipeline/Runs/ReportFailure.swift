public import Domain
public import Foundation

/// A report of a run that could not be written in all of its formats.
public struct ReportFailure: Sendable {
    /// Name of the report.
    public let report: String
    /// The language that it was to be written in.
    public let language: Language
    /// The folder that it was to be written to.
    public let folder: URL
    /// The first error.
    public let error: any Error

    /// How the command ends because of it.
    public var status: ExitStatus { (error as? any Failure)?.status ?? .software }

    /// Report, language and reason.
    public var description: String { "\(report) (\(language.rawValue)): \(error)" }
}

/// A run that published, but could not release all figures or write all reports, and may after a wait.
struct IncompleteRun: Failure {
    let summary: RunSummary
    let problem: RunError

    var description: String { problem.description }
    var status: ExitStatus { problem.status }
}
