import Configuration
import Domain
import Foundation
import Reports

/// One of the languages in which a job writes a report: where to, and in which formats.
struct ReportOutput {
    let language: Language
    let folder: URL
    let formats: [ReportFormat]
}

extension JobDefinition {
    /// What the job writes of a report.
    func outputs(of report: ReportDefinition, settings: Settings) -> [ReportOutput] {
        let languages = languages ?? [report.language ?? settings.language]
        return languages.map { language in
            ReportOutput(
                language: language,
                folder: delivery.folder(in: settings.output, language: languages.count > 1 ? language : nil),
                formats: formats ?? report.formats)
        }
    }

    /// The stages to run where only some are wanted; `nil` for all of the job.
    func stages(only: [Stage]?) -> [Stage] {
        only.map { only in Stage.allCases.filter(only.contains) } ?? stages
    }
}
