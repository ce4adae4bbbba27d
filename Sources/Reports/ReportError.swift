public import Domain

/// Why a report cannot be made.
public enum ReportError: Failure, Equatable {
    /// What it shows was never computed.
    case notComputed(source: Source)
    /// Two of its sources were published for different days.
    case mixedDays(Source, Day, other: Source, Day)
    /// The published results are of another day.
    case otherDay(asked: Day, published: Day)
    /// A font that its language needs is not installed.
    case missingFont(name: String)

    /// One line: what is missing, what to do.
    public var description: String {
        switch self {
        case .notComputed(let source):
            "no results of \(source.rawValue) were published yet; run a job with the stage \(source.stage.rawValue), such as 'avicenna run nightly'"
        case .mixedDays(let source, let day, let other, let otherDay):
            "\(source.rawValue) is of \(day) and \(other.rawValue) of \(otherDay); compute both for one day with 'avicenna run nightly'"
        case .otherDay(let asked, let published):
            "the published results are of \(published), not \(asked); run 'avicenna run nightly --as-of \(asked)' first"
        case .missingFont(let name):
            "the font \(name) is not installed, and a PDF needs it; install the package fonts-noto-core"
        }
    }

    /// 66, or 69 for a font.
    public var status: ExitStatus {
        switch self {
        case .missingFont: .unavailable
        case .notComputed, .mixedDays, .otherDay: .missingInput
        }
    }
}
