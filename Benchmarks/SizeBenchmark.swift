import DemoClinic
import Domain
import Foundation
import Store
import StoreSQLite
import TestSupport

/// Times the binary on made-up clinics of growing size: import, a first run of all stages, the run after 1 % more feedback, and
/// one after which nothing is new.
struct SizeBenchmark {
    let lastDay: Day
    let repeats: Int

    /// - Parameter chart: where the chart of seconds by size goes.
    func run(_ sizes: [Int], chart: URL) async throws {
        print(
            """
            Runs of all stages but reports, published durably; medians of \(repeats). "Aggregates" is what of the full run it \
            takes to read the records and compute effectiveness, trends and cohorts. Memory is the largest of the process.

            | feedback | import s | rows/s | MiB | full run s | aggregates s | scores s | MiB | 1 % more s | nothing new s | database MiB |
            | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
            """)
        var lines = ["import", "full run", "1 % more", "nothing new"].map { SpeedChart.Line(name: $0, seconds: []) }
        for size in sizes {
            for (index, seconds) in try await measure(size).enumerated() { lines[index].seconds.append(seconds) }
        }
        try Data(SpeedChart(sizes: sizes, lines: lines).svg.utf8).write(to: chart)
    }

    /// Prints a row.
    ///
    /// - Returns: the seconds of the import, the full run, the second run and the rerun.
    private func measure(_ feedback: Int) async throws -> [Double] {
        let folder = try TemporaryFolder()
        let clinic = folder.url.appending(path: "clinic")
        try DemoClinic(feedback: feedback, seed: 1, lastDay: lastDay).write(to: clinic)
        let more = try MoreFeedback(on: clinic, share: 0.01, lastDay: lastDay).write(
            to: folder.url.appending(path: "more"))

        var imports: [Measurement] = []
        var full: [TimedRun] = []
        var second: [TimedRun] = []
        var reruns: [TimedRun] = []
        var rows = 0
        var bytes = 0
        for number in 0..<repeats {
            let database = folder.path("\(number).db")
            let common = ["--database", database, "--timezone", "Asia/Tehran"]
            imports.append(try await Measurement(of: ["import", clinic.path] + common))
            let counts = try openDatabase(at: database).recordCounts()
            rows = counts.patients + counts.diagnoses + counts.recommendations + counts.feedback
            full.append(try await TimedRun(asOf: lastDay, common))
            bytes = try FileManager.default.attributesOfItem(atPath: database)[.size] as? Int ?? 0
            _ = try await Measurement(of: ["import", more.path] + common)
            second.append(try await TimedRun(asOf: lastDay, common))
            reruns.append(try await TimedRun(asOf: lastDay, common))
            try FileManager.default.removeItem(atPath: database)
        }
        let imported = imports.median(\.seconds)
        let run = full.median(\.measurement.seconds)
        let (secondRun, rerun) = (
            second.map(\.measurement.seconds).median(), reruns.map(\.measurement.seconds).median()
        )
        let cells = [
            "\(feedback)", imported.seconds.shown, "\(Int(Double(rows) / imported.seconds))", "\(imported.mebibytes)",
            run.measurement.seconds.shown, run.aggregates.shown, run.steps["scores", default: 0].shown,
            "\(run.measurement.mebibytes)", secondRun.shown, rerun.shown, "\(bytes >> 20)",
        ]
        print("| " + cells.joined(separator: " | ") + " |")
        return [imported.seconds, run.measurement.seconds, secondRun, rerun]
    }
}

/// A run of all stages but reports.
struct TimedRun {
    let measurement: Measurement
    /// Seconds by step.
    let steps: [String: Double]

    /// Runs the nightly job of a database.
    init(asOf: Day, _ options: [String]) async throws {
        let stages = "effectiveness,trends,cohorts,scores"
        measurement = try await Measurement(
            of: ["run", "nightly", "--only", stages, "--verbose", "--as-of", asOf.description] + options)
        let line = measurement.output.split(separator: "\n").last { $0.hasPrefix("seconds") } ?? ""
        let parts = line.split(separator: ":").last?.split(separator: ",") ?? []
        steps = Dictionary(
            uniqueKeysWithValues: parts.compactMap { part in
                let words = part.split(separator: " ")
                return words.last.flatMap { Double($0) }.map { (String(words[0]), $0) }
            })
    }

    /// Seconds to read the records and compute effectiveness, trends and cohorts.
    var aggregates: Double {
        ["read", "effectiveness", "trends", "cohorts"].reduce(0) { $0 + steps[$1, default: 0] }
    }
}

/// Further feedback on the recommendations of a made-up clinic, given on its last days: what a second run finds.
struct MoreFeedback {
    let clinic: URL
    let share: Double
    let lastDay: Day

    init(on clinic: URL, share: Double, lastDay: Day) {
        self.clinic = clinic
        self.share = share
        self.lastDay = lastDay
    }

    /// Writes import files with nothing else in them.
    func write(to folder: URL) throws -> URL {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for file in ["patients", "diagnoses", "recommendations"] {
            let start = try FileHandle(forReadingFrom: clinic.appending(path: "\(file).csv")).read(upToCount: 4096)
            let header = (start ?? Data()).prefix { $0 != UInt8(ascii: "\n") }
            try (header + Data("\n".utf8)).write(to: folder.appending(path: "\(file).csv"))
        }
        let (recommendations, feedback) = (try lastNumber(of: "recommendations"), try lastNumber(of: "feedback"))
        let added = max(1, Int(Double(feedback) * share))
        var random = SystemRandomNumberGenerator()
        var text = "feedback_id,recommendation_id,rating,compliance,created_at\n"
        for number in 1...added {
            // Of the newest tenth, which is what patients are about to rate.
            let recommendation = Int.random(
                in: recommendations - recommendations / 10...recommendations, using: &random)
            let rating = Int.random(in: 1...5, using: &random)
            text += "\(feedback + number),\(recommendation),\(rating),0.\(rating),\(lastDay)T12:00:00+03:30\n"
        }
        try Data(text.utf8).write(to: folder.appending(path: "feedback.csv"))
        return folder
    }

    /// The number of the last record of a file.
    private func lastNumber(of file: String) throws -> Int {
        let handle = try FileHandle(forReadingFrom: clinic.appending(path: "\(file).csv"))
        let size = try handle.seekToEnd()
        try handle.seek(toOffset: size - min(size, 4096))
        let end = String(decoding: try handle.readToEnd() ?? Data(), as: UTF8.self)
        return end.split(separator: "\n").last.flatMap { $0.split(separator: ",").first }.flatMap { Int($0) } ?? 1
    }
}
