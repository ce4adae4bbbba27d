import Domain
import Foundation
import Pipeline
import Store

extension RunSummary {
    /// The summary of a run on one screen.
    var screen: String {
        var lines = ["\(job) as of \(asOf), run \(run)"] + (computation?.lines ?? [])
        for file in files {
            let shown =
                file.rows == file.matchingRows
                ? "\(file.rows.grouped)" : "\(file.rows.grouped) of \(file.matchingRows.grouped)"
            lines.append(summaryLine("report", "\(file.url.relativePath) (\(shown) rows)"))
        }
        let total = seconds.reduce(0) { $0 + $1.seconds }
        let steps = seconds.map { "\($0.step) \($0.seconds.seconds)" }.joined(separator: ", ")
        lines.append(summaryLine("seconds", "\(total.seconds): \(steps)"))
        return lines.joined(separator: "\n") + "\n"
    }

    /// The summary of one of many runs on one line.
    var oneLine: String {
        let computed = computation.map {
            "\($0.rowsRead.cases.grouped) cases, \($0.publication.rows.grouped) rows changed, "
                + "\($0.publication.deltas.grouped) deltas, "
        }
        return "\(asOf)  run \(run)  \(computed ?? "")\(files.count) files\n"
    }
}

extension RunSummary.Computation {
    fileprivate var lines: [String] {
        var lines = [
            summaryLine(
                "read",
                "\(rowsRead.cases.grouped) cases on \(rowsRead.recommendations.grouped) recommendations, "
                    + "\(rowsRead.diagnoses.grouped) diagnoses, \(rowsRead.patients.grouped) patients")
        ]
        if !subjects.isEmpty {
            lines.append(
                summaryLine(
                    "subjects",
                    subjects.map { "\($0.level.rawValue) \($0.count.grouped)" }.joined(separator: ", ")))
        }
        lines.append(contentsOf: treatments("improving", improving))
        lines.append(contentsOf: treatments("declining", declining))
        if let predictions { lines.append(summaryLine("scored", "\(predictions.grouped) recommendations")) }
        lines.append(
            summaryLine(
                "published", "\(publication.rows.grouped) rows changed, \(publication.deltas.grouped) deltas"))
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
        return [summaryLine(name, "\(trends.count) treatments, \(significant.count) of them significant")] + shown
            + (rest > 0 ? ["           and \(rest) more"] : [])
    }
}

private func summaryLine(_ name: String, _ text: String) -> String {
    name + String(repeating: " ", count: max(1, 11 - name.count)) + text
}

extension Int {
    /// With commas between thousands.
    var grouped: String {
        var groups: [String] = []
        var rest = magnitude
        while rest >= 1000 {
            groups.append(String(String(rest % 1000 + 1000).dropFirst()))
            rest /= 1000
        }
        groups.append(String(rest))
        return (self < 0 ? "-" : "") + groups.reversed().joined(separator: ",")
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
