import Domain
import Foundation
import Pipeline
import Reports
import Store

extension RunSummary {
    /// The summary of a run on one screen.
    var screen: [String] {
        var lines = ["\(job) as of \(asOf), run \(run)"] + (computation?.lines ?? [])
        if let first = released.first, let last = released.last {
            lines.append(summaryLine("released", first == last ? "\(last)" : "\(first) to \(last)"))
        }
        if let releaseFailure { lines.append(summaryLine("released", "nothing: \(releaseFailure)")) }
        for file in files {
            lines.append(summaryLine("report", "\(file.url.relativePath) (\(file.shownRows))"))
        }
        lines += failures.map { summaryLine("report", "not written: \($0.description)") }
        if mails.delivered > 0 { lines.append(summaryLine("mail", "\(mails.delivered.grouped) delivered")) }
        lines += mails.problems.map { summaryLine("mail", "not delivered to \($0)") }
        let total = seconds.reduce(0) { $0 + $1.seconds }
        let steps = seconds.map { "\($0.step) \($0.seconds.seconds)" }.joined(separator: ", ")
        lines.append(summaryLine("seconds", "\(total.seconds): \(steps)"))
        return lines
    }

    /// The summary on one line.
    var oneLine: String {
        let computed = computation.map {
            "\($0.rowsRead.cases.counted("case")), \($0.publication.rows.counted("row")) changed, "
                + "\($0.publication.deltas.counted("delta")), "
        }
        let failed = failures.isEmpty ? "" : "\(failures.count.counted("report")) not written, "
        let mailed = mails.delivered > 0 ? "\(mails.delivered.counted("mail")), " : ""
        let total = seconds.reduce(0) { $0 + $1.seconds }
        return "\(job) as of \(asOf), run \(run): \(computed ?? "")\(files.count.counted("file")), \(failed)\(mailed)"
            + "\(total.seconds) s"
    }
}

extension RunForecast {
    /// What would happen, on one screen.
    func screen(of job: JobDefinition) -> [String] {
        guard let last = plan.days.last else { return ["nothing would run: \(plan.idleReason)"] }
        let days = plan.days.count == 1 ? "\(last)" : "\(plan.days.count) days, \(plan.days[0]) to \(last)"
        let published = published.map { "the published results are of \($0)" } ?? "nothing is published"
        var lines = [
            "\(job.name) as of \(days), \(plan.trigger.rawValue)",
            summaryLine("stages", stages.map(\.rawValue).joined(separator: ", ")),
            summaryLine(
                "records", "\(published), and have not seen \(pending.feedback.grouped) new or changed feedback"),
        ]
        if isLocked { lines.append(summaryLine("lock", "another process runs on the database now")) }
        lines += files.map { summaryLine("report", $0.relativePath) }
        lines += mails.map { mail in
            let fate =
                switch mail.status {
                case nil: ""
                case .delivered: ", which it has"
                case .some(let status): ", whose is \(status.rawValue)"
                }
            return summaryLine(
                "mail", "\(mail.key.report) (\(mail.key.language.rawValue)) to \(mail.key.recipient)\(fate)")
        }
        return lines
    }
}

extension RunSummary.Computation {
    fileprivate var lines: [String] {
        var lines = [
            summaryLine(
                "read",
                "\(rowsRead.cases.counted("case")) on \(rowsRead.recommendations.counted("recommendation")), "
                    + "\(rowsRead.diagnoses.counted("diagnosis", plural: "diagnoses")), "
                    + rowsRead.patients.counted("patient"))
        ]
        if !subjects.isEmpty {
            lines.append(
                summaryLine(
                    "subjects",
                    subjects.map { "\($0.level.rawValue) \($0.count.grouped)" }.joined(separator: ", ")))
        }
        lines.append(contentsOf: treatments("improving", improving))
        lines.append(contentsOf: treatments("declining", declining))
        if let predictions { lines.append(summaryLine("scored", predictions.counted("recommendation"))) }
        lines.append(
            summaryLine(
                "published",
                "\(publication.rows.counted("row")) changed, \(publication.deltas.counted("delta"))"))
        lines.append(summaryLine("digest", digest))
        return lines
    }

    private static let mostShown = 5

    private func treatments(_ name: String, _ trends: [RunSummary.TreatmentTrend]) -> [String] {
        let significant = trends.filter(\.isSignificant)
        let shown = significant.prefix(Self.mostShown).map { trend in
            let sign = trend.delta < 0 ? "−" : "+"
            return "           \(trend.treatment) \(sign)\(abs(trend.delta).points) (q \(trend.qValue.thousandths))"
        }
        let rest = significant.count - shown.count
        return [
            summaryLine(name, "\(trends.count.counted("treatment")), \(significant.count.grouped) of them significant")
        ] + shown
            + (rest > 0 ? ["           and \(rest) more"] : [])
    }
}

/// A line with its name before it.
func summaryLine(_ name: String, _ text: String) -> String {
    name + String(repeating: " ", count: max(1, 11 - name.count)) + text
}

extension ReportFile {
    /// How many rows it shows, and of how many.
    var shownRows: String {
        rows == matchingRows ? rows.counted("row") : "\(rows.grouped) of \(matchingRows.counted("row"))"
    }
}

extension Double {
    fileprivate var seconds: String { fixed(2) }
    fileprivate var thousandths: String { fixed(3) }
    fileprivate var points: String { (self * 100).fixed(0) + " points" }

    private func fixed(_ places: Int) -> String {
        formatted(.number.locale(Locale(identifier: "en_US_POSIX")).precision(.fractionLength(places)).grouping(.never))
    }
}
