import DemoClinic
import Domain
import Foundation
import TestSupport

/// Times the binary, each command as a process of its own.
///
/// `Benchmarks [REPEATS [SIZE …]]` on made-up clinics; `Benchmarks duckdb [REPEATS [SIZE]]` beside DuckDB; `Benchmarks relay
/// [REPEATS]` beside nginx with nchan; `Benchmarks api [SIZE]` asks the API; `Benchmarks released` prints how far released
/// figures are from exact ones, and runs nothing.
@main
struct Benchmarks {
    private static let lastDay = Day(daysSinceEpoch: 20_726)  // 2026-09-30

    static func main() async throws {
        let numbers = CommandLine.arguments.dropFirst().compactMap { Int($0) }
        let repeats = numbers.first ?? 3
        let sizes = Array(numbers.dropFirst())
        print(Machine.description)
        switch CommandLine.arguments.dropFirst().first {
        case "relay": try await RelayBenchmark(lastDay: lastDay, repeats: repeats).run()
        case "released": ReleasedFigureBenchmark().run()
        case "duckdb": try await DuckDBBenchmark(lastDay: lastDay, repeats: repeats).run(sizes.first ?? 10_000_000)
        case "api":
            let today = Day(daysSinceEpoch: Int32(Date().timeIntervalSince1970 / 86_400))
            try await APIBenchmark(lastDay: today - 1, feedback: numbers.first ?? 1_000_000).run()
        default:
            try await SizeBenchmark(lastDay: lastDay, repeats: repeats).run(
                sizes.isEmpty ? [10_000, 100_000, 1_000_000, 10_000_000] : sizes,
                chart: URL(filePath: "Benchmarks/speed.svg"))
            print("")
            try await ReportBenchmark(lastDay: lastDay, repeats: repeats).run()
            print("")
            await SimilarPatientsBenchmark(patients: 1_000_000).run()
        }
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

    /// What it printed.
    let output: String

    /// Runs the binary beside this one and waits for it.
    init(of arguments: [String]) async throws {
        let here = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        let folder = try TemporaryFolder()
        let start = ContinuousClock.now
        let process = try await CommandRun.start(here.appending(path: "avicenna").path, arguments, in: folder)
        // The kernel's own count of the most is of no use: the process begins it anew with each stage.
        var most = 0
        while process.isRunning {
            most = max(most, process.peakMemory)
            try await Task.sleep(for: .milliseconds(5))
        }
        seconds = (ContinuousClock.now - start) / .seconds(1)
        mebibytes = most >> 20
        output = try folder.read(".stdout")
        let status = try await process.terminationStatus
        guard status == 0 else { throw Failed(arguments: arguments, status: status) }
    }
}

extension Array {
    /// The one in the middle, by a figure.
    func median(_ figure: (Element) -> Double) -> Element { sorted { figure($0) < figure($1) }[count / 2] }
}

extension [Double] {
    /// The one in the middle.
    func median() -> Double { median { $0 } }
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
