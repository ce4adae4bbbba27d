import AvicennaClient
import DemoClinic
import Domain
import Foundation
import TestSupport

/// Times the API on a made-up clinic, asked by `wrk`, and from the fifth feedback on a recommendation to what a follower of
/// its diagnosis is told.
struct APIBenchmark {
    let lastDay: Day
    let feedback: Int

    private static let port = 18_092

    /// Something to ask for, over and over.
    private struct Load {
        var name: String
        /// As the script of `wrk` knows it.
        var what: String
        /// The numbers to choose from.
        var numbers: String
        var connections = 4
    }

    func run() async throws {
        let folder = try TemporaryFolder()
        try await prepare(folder)
        let server = try await ServerProcess(in: folder, command: "serve", port: Self.port)
        let token = try await BenchmarkShell.output(
            of: "'\(try Repository.binary.path)' token --service --lifetime 86400", in: folder
        )
        .trimmingCharacters(in: .whitespacesAndNewlines)
        // Once this is answered it has read the clinic.
        _ = try await HTTPExchange("POST", "/api/analytics/calculate/1", port: Self.port, token: token)
        print("A clinic with \(feedback) feedback; server and clients on the same cores.\n")
        print("| | connections | answers a second | p50 ms | p99 ms |")
        print("| --- | ---: | ---: | ---: | ---: |")
        for load in try loads(in: folder) where load.what != "submit" {
            print(try await measure(load, token, in: folder))
        }
        // Before so much is submitted that the clinic is another.
        let waits = try await timeTriggers(100, token, in: folder)
        print("| from the fifth feedback to its followers (p95) | 1 | | \(waits.shown(0.5)) | \(waits.shown(0.95)) |")
        for load in try loads(in: folder) where load.what == "submit" {
            print(try await measure(load, token, in: folder))
        }
        print("\nThe server takes \(server.residentBytes >> 20) MiB.")
    }

    private func prepare(_ folder: TemporaryFolder) async throws {
        try DemoClinic(feedback: feedback, seed: 1, lastDay: lastDay).write(to: folder.url.appending(path: "clinic"))
        try folder.write(String(repeating: "k", count: 40), to: "secret")
        try folder.write("token_secret_file: secret\nrate_limit: 0\n", to: "avicenna.yaml")
        let avicenna = try Repository.binary.path
        _ = try await BenchmarkShell.output(of: "'\(avicenna)' import clinic && '\(avicenna)' run feedback", in: folder)
        try folder.write(
            try await BenchmarkShell.output(
                of:
                    "'\(avicenna)' results predictions --level balanced --format csv | cut -d, -f1 | tail -n +2 | sort -un",
                in: folder), to: "active")
    }

    // MARK: Asking

    private func loads(in folder: TemporaryFolder) throws -> [Load] {
        let recommendations = "\(feedback / 2)"
        let diagnoses = "\(feedback / 5)"
        let active = folder.path("active")
        return [
            Load(name: "prediction of the last run", what: "predict", numbers: active, connections: 1),
            Load(name: "prediction computed anew", what: "anew", numbers: active, connections: 1),
            Load(name: "predictions of 20 diagnoses, computed anew", what: "batch", numbers: diagnoses, connections: 1),
            Load(name: "summary of a recommendation", what: "summary", numbers: recommendations),
            Load(name: "effectiveness of a recommendation", what: "effectiveness", numbers: recommendations),
            Load(name: "submit feedback", what: "submit", numbers: recommendations),
            Load(name: "submit feedback", what: "submit", numbers: recommendations, connections: 100),
        ]
    }

    private func measure(_ load: Load, _ token: String, in folder: TemporaryFolder) async throws -> String {
        let script = Repository.root.appending(path: "Benchmarks/api.lua").path
        let text = try await BenchmarkShell.output(
            of:
                """
                wrk -t 1 -c \(load.connections) -d 10 --latency -s '\(script)' http://127.0.0.1:\(Self.port) -- \
                    \(load.what) \(token) \(load.numbers)
                """, in: folder)
        func value(_ prefix: String) -> String {
            let line = text.split(separator: "\n").first { $0.trimmingPrefix(while: \.isWhitespace).hasPrefix(prefix) }
            return line?.split(whereSeparator: \.isWhitespace).last.map(String.init) ?? "?"
        }
        let cells = [
            load.name, "\(load.connections)", value("Requests/sec:"), milliseconds(value("50%")),
            milliseconds(value("99%")),
        ]
        return "| " + cells.joined(separator: " | ") + " |"
    }

    /// `1.50ms`, `850.00us` or `1.20s` as milliseconds.
    private func milliseconds(_ text: String) -> String {
        let number = Double(text.prefix { $0.isNumber || $0 == "." }) ?? .nan
        return (text.hasSuffix("us") ? number / 1000 : text.hasSuffix("ms") ? number : number * 1000).shown
    }

    // MARK: Following

    /// Milliseconds from the fifth feedback on a recommendation to the news of its effectiveness.
    private func timeTriggers(_ count: Int, _ token: String, in folder: TemporaryFolder) async throws -> [Double] {
        var random = SystemRandomNumberGenerator()
        var waits: [Double] = []
        for _ in 0..<count {
            let recommendation = Int.random(in: 1...feedback / 2, using: &random)
            let place = try await HTTPExchange(
                "GET", "/api/recommendations/\(recommendation)", port: Self.port, token: token)
            guard let diagnosis: Int = place.value("diagnosis_id"),
                let address = URL(string: "ws://127.0.0.1:\(Self.port)")
            else { throw BenchmarkShell.Failed(script: "GET recommendation", errors: place.body) }
            let live = LiveDiagnosis(Int64(diagnosis), at: address) { token }
            var messages = live.messages.makeAsyncIterator()
            _ = try await messages.next()  // it is connected
            for _ in 0..<5 {
                _ = try await HTTPExchange(
                    "POST", "/api/feedback/submit", port: Self.port, token: token,
                    json:
                        #"{"recommendation_id":\#(recommendation),"rating":\#(Int.random(in: 1...5, using: &random))}"#)
            }
            let start = ContinuousClock.now
            while let message = try await messages.next() {
                if case .effectivenessUpdate = message.content { break }
            }
            waits.append((ContinuousClock.now - start) / .milliseconds(1))
        }
        return waits.sorted()
    }
}

extension [Double] {
    /// The quantile of sorted numbers.
    fileprivate func shown(_ quantile: Double) -> String {
        isEmpty ? "?" : self[Swift.min(count - 1, Int(Double(count) * quantile))].shown
    }
}
