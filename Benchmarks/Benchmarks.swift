import DemoClinic
import Domain
import Foundation
import Store

/// Times the binary on made-up clinics, each command as a process of its own: `Benchmarks [REPEATS [SIZE …]]`; or the relay
/// beside nginx with nchan: `Benchmarks relay [REPEATS]`; or the API: `Benchmarks api [SIZE]`.
@main
struct Benchmarks {
    private static let lastDay = Day(daysSinceEpoch: 20_726)  // 2026-09-30

    static func main() async throws {
        let numbers = CommandLine.arguments.dropFirst().compactMap { Int($0) }
        let repeats = numbers.first ?? 3
        let sizes = numbers.count > 1 ? Array(numbers.dropFirst()) : [10_000, 100_000, 1_000_000]
        print(Machine.description)
        if CommandLine.arguments.dropFirst().first == "relay" {
            try RelayBenchmark(lastDay: lastDay, repeats: repeats).run()
            return
        }
        if CommandLine.arguments.dropFirst().first == "api" {
            let today = Day(daysSinceEpoch: Int32(Date().timeIntervalSince1970 / 86_400))
            try await APIBenchmark(lastDay: today - 1, feedback: numbers.first ?? 1_000_000).run()
            return
        }
        print("Median of \(repeats) \(repeats == 1 ? "run" : "runs") each; memory is the largest of a process.\n")
        print(row("feedback", "import s", "rows/s", "MiB", "full run s", "MiB", "rerun s", "database MiB"))
        print(row("---:", "---:", "---:", "---:", "---:", "---:", "---:", "---:"))
        for size in sizes {
            try measure(size, repeats: repeats)
        }
        print("")
        try ReportBenchmark(lastDay: lastDay, repeats: repeats).run()
        print("")
        await SimilarPatientsBenchmark(patients: 100_000).run()
    }

    private static func measure(_ feedback: Int, repeats: Int) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "avicenna-bench-\(getpid())-\(feedback)")
        defer { try? FileManager.default.removeItem(at: folder) }  // left behind, it is only in the way
        let clinic = folder.appending(path: "clinic")
        try DemoClinic(feedback: feedback, seed: 1, lastDay: lastDay).write(to: clinic)

        var imports: [Measurement] = []
        var runs: [Measurement] = []
        var reruns: [Measurement] = []
        var rows = 0
        var bytes = 0
        for number in 0..<repeats {
            let database = folder.appending(path: "\(number).db").path
            let common = ["--database", database, "--timezone", "Asia/Tehran", "--output", folder.path]
            imports.append(try Measurement(of: ["import", clinic.path] + common))
            let run = ["run", "nightly", "--as-of", lastDay.description] + common
            runs.append(try Measurement(of: run))
            reruns.append(try Measurement(of: run))
            let counts = try openDatabase(at: database).recordCounts()
            rows = counts.patients + counts.diagnoses + counts.recommendations + counts.feedback
            let attributes = try FileManager.default.attributesOfItem(atPath: database)
            bytes = attributes[.size] as? Int ?? 0
            try FileManager.default.removeItem(atPath: database)
        }
        let (imported, run, rerun) = (imports.median, runs.median, reruns.median)
        print(
            row(
                "\(feedback)", imported.seconds.shown, "\(Int(Double(rows) / imported.seconds))",
                "\(imported.mebibytes)", run.seconds.shown, "\(run.mebibytes)", rerun.seconds.shown,
                "\(bytes >> 20)"))
    }

    private static func row(_ cells: String...) -> String {
        "| " + cells.joined(separator: " | ") + " |"
    }
}

/// What one process took.
struct Measurement {
    let seconds: Double
    let mebibytes: Int

    struct Failed: Error {
        let arguments: [String]
        let status: Int32
    }

    /// Runs the binary beside this one, with its output thrown away, and waits for it.
    init(of arguments: [String]) throws {
        let here = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        let binary = here.appending(path: "avicenna").path
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        defer { posix_spawn_file_actions_destroy(&actions) }
        var words: [UnsafeMutablePointer<CChar>?] = ([binary] + arguments).map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }

        let start = ContinuousClock.now
        var process = pid_t()
        guard posix_spawn(&process, binary, &actions, nil, &words, environ) == 0 else {
            throw Failed(arguments: arguments, status: errno)
        }
        var status: Int32 = 0
        var usage = rusage()
        wait4(process, &status, 0, &usage)
        guard status == 0 else { throw Failed(arguments: arguments, status: status) }
        seconds = (ContinuousClock.now - start) / .seconds(1)
        mebibytes = Int(usage.ru_maxrss) >> 10
    }
}

extension [Measurement] {
    /// The one in the middle, by time.
    var median: Measurement { sorted { $0.seconds < $1.seconds }[count / 2] }
}

extension Double {
    /// With two decimals.
    var shown: String { formatted(.number.precision(.fractionLength(2)).grouping(.never)) }
}

/// What the figures were measured on.
enum Machine {
    static var description: String {
        let processors = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""  // then without a model
        let line = processors.split(separator: "\n").first { $0.hasPrefix("model name") }
        let model = line.map { $0.drop { $0 != ":" }.dropFirst().trimmingCharacters(in: .whitespaces) }
        let system = ProcessInfo.processInfo
        return "\(system.activeProcessorCount) cores of \(model ?? "an unknown processor"), "
            + "\(system.physicalMemory >> 30) GiB, \(system.operatingSystemVersionString)"
    }
}
