import Domain
import Foundation
import Reports
import Store

/// The reports of a run: those that were written, and those that could not be.
struct RenderedReports {
    /// The reports that were written in all of their formats, which can be delivered.
    var complete: [RenderedReport] = []
    /// The reports that were not.
    var failures: [ReportFailure] = []
    /// All files that were written, those of incomplete reports included.
    var files: [ReportFile] = []
}

extension JobRunner {
    /// Writes the reports one by one in each of their languages. One that fails does not keep the others from being written.
    ///
    /// - Throws: `RunError.stopped` where the task is cancelled; `StoreError` where the published results cannot be read.
    func render(_ definitions: [ReportDefinition], for job: JobDefinition) throws -> RenderedReports {
        try database.readPublished { published in
            var rendered = RenderedReports()
            for definition in definitions {
                for output in job.outputs(of: definition, settings: settings) {
                    if Task.isCancelled { throw RunError.stopped(before: "the report \(definition.name)") }
                    render(definition, to: output, from: published, for: job, into: &rendered)
                }
            }
            return rendered
        }
    }

    private func render(
        _ definition: ReportDefinition, to output: ReportOutput, from published: any PublishedResults,
        for job: JobDefinition, into rendered: inout RenderedReports
    ) {
        func note(_ error: any Error) {
            let failure = ReportFailure(
                report: definition.name, language: output.language, folder: output.folder, error: error)
            rendered.failures.append(failure)
            onEvent(.reportFailed(failure))
        }
        let report: Report
        do {
            try output.checkStaysInside(settings.output)
            report = try Report(
                definition, from: published, language: output.language, minimumSamples: settings.minimumSamples)
        } catch {
            return note(error)
        }
        var files: [ReportFile] = []
        var firstError: (any Error)?
        for format in output.formats {
            do {
                files += try report.write(
                    to: output.folder, formats: [format], csvByteOrderMark: settings.csvByteOrderMark)
            } catch {
                firstError = firstError ?? error
            }
        }
        files.forEach { onEvent(.wrote($0)) }
        rendered.files += files
        if let firstError { return note(firstError) }
        let mailed = files.filter { job.delivery.mailFormats?.contains($0.format) ?? true }
        rendered.complete.append(
            RenderedReport(
                name: definition.name, language: report.language, asOf: report.asOf, isEmpty: report.isEmpty,
                files: files, mailed: mailed,
                letter: report.letter(
                    with: mailed.map(\.url),
                    areAttached: settings.mail?.carries(mailed.reduce(0) { $0 + $1.size }) ?? true)))
    }
}

extension ReportOutput {
    /// Refuses a folder that leads out of the settings' `output` by a symbolic link.
    ///
    /// - Throws: `RunError.outsideOutput`.
    func checkStaysInside(_ root: URL) throws {
        var place = folder
        while place.pathComponents.count > root.pathComponents.count, !Self.isThere(place) {
            place.deleteLastPathComponent()
        }
        // Nothing is there yet that could lead elsewhere.
        guard Self.isThere(root) else { return }
        guard let end = Self.end(of: place), let rootEnd = Self.end(of: root),
            end == rootEnd || end.hasPrefix(rootEnd == "/" ? rootEnd : rootEnd + "/")
        else { throw RunError.outsideOutput(folder: folder.relativePath, output: root.relativePath) }
    }

    private static func isThere(_ place: URL) -> Bool {
        var status = stat()
        return lstat(place.path, &status) == 0
    }

    /// The path with all symbolic links followed; `nil` where one leads nowhere.
    private static func end(of place: URL) -> String? {
        guard let path = realpath(place.path, nil) else { return nil }
        defer { free(path) }
        return String(cString: path)
    }
}
