import DemoClinic
import Domain
import Foundation
import TestSupport

/// Times the relay beside nginx with nchan, which keeps nothing on disk: each server on one core in turn, and `wsload`, which
/// plays all of the clients, on another.
struct RelayBenchmark {
    let lastDay: Day
    let repeats: Int

    private static let (port, nchanPort) = (18_090, 18_091)

    /// What clients do.
    private struct Load {
        var name: String
        var clients: Int
        var diagnoses: Int
        var rate: Int
        var seconds = 10
        /// Letters in a message beside what it needs.
        var letters = 300
    }

    func run() async throws {
        let folder = try TemporaryFolder()
        try await prepare(folder)
        print("Median of \(repeats) \(repeats == 1 ? "round" : "rounds"); server and clients on a core each.\n")
        try await compare(in: folder)
        print("")
        try await time(in: folder)
    }

    private func prepare(_ folder: TemporaryFolder) async throws {
        // Each client is an open file, here and there.
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)

        try DemoClinic(feedback: 2_000, seed: 1, lastDay: lastDay).write(to: folder.url.appending(path: "clinic"))
        try folder.write(String(repeating: "k", count: 40), to: "secret")
        try folder.write(
            """
            token_secret_file: secret
            rate_limit: 0
            port: \(Self.port)
            max_connections: 20000
            max_connections_per_address: 20000
            max_connections_per_diagnosis: 20000

            """, to: "avicenna.yaml")
        try folder.write(
            """
            load_module modules/ngx_nchan_module.so;
            daemon off; worker_processes 1; error_log \(folder.path("nginx.log")); pid \(folder.path("nginx.pid"));
            worker_rlimit_nofile \(limit.rlim_max);
            events { worker_connections \(limit.rlim_max); }
            http {
                access_log off; nchan_shared_memory_size 256M; keepalive_requests 1000000;
                server {
                    listen 127.0.0.1:\(Self.nchanPort) backlog=4096;
                    location ~ ^/ws/([0-9]+)$ {
                        nchan_subscriber websocket; nchan_channel_id $1; nchan_message_buffer_length 100;
                    }
                    location ~ ^/publish/([0-9]+)$ {
                        nchan_publisher; nchan_channel_id $1; nchan_message_buffer_length 100;
                    }
                }
            }

            """, to: "nginx.conf")
        _ = try await BenchmarkShell.output(of: "'\(try Repository.binary.path)' import clinic", in: folder)
        let token = try await BenchmarkShell.output(
            of: "'\(try Repository.binary.path)' token --service --lifetime 86400", in: folder)
        try folder.write(String(repeating: token, count: 100), to: "tokens")
    }

    // MARK: Beside nchan

    private func compare(in folder: TemporaryFolder) async throws {
        let loads = [
            Load(name: "10,000 clients, one diagnosis, 10 a second", clients: 10_000, diagnoses: 1, rate: 10),
            Load(name: "1,000 clients, 10 diagnoses, 100 a second", clients: 1_000, diagnoses: 10, rate: 100),
        ]
        print("| load | | CPU s per million | p50 ms | p99 ms | KiB per connection |")
        print("| --- | --- | ---: | ---: | ---: | ---: |")
        for load in loads {
            var ours: [Result] = []
            var theirs: [Result] = []
            for _ in 0..<repeats {
                ours.append(try await measureRelay(load, in: folder))
                theirs.append(try await measureNchan(load, in: folder))
            }
            let (our, their) = (Result(medianOf: ours), Result(medianOf: theirs))
            print("| \(load.name) | relay | \(our.cells) |")
            print("| | nchan | \(their.cells) |")
            print("| | ratio | \((our / their).cells) |")
        }
    }

    private func measureNchan(_ load: Load, in folder: TemporaryFolder) async throws -> Result {
        let server = try await Server("exec taskset -c 0 nginx -c '\(folder.path("nginx.conf"))'", port: Self.nchanPort)
        // Its first process only starts the one that works.
        let worker = try await BenchmarkShell.output(of: "pgrep -P \(server.process.processIdentifier)", in: folder)
        let wsload = """
            --port \(Self.nchanPort) --publish '/publish/@ID@' --body '{"ts":@TS@,"pad":"@PAD@"}' \
            --pid \(worker.trimmingCharacters(in: .whitespacesAndNewlines))
            """
        let output = try await self.wsload(load, wsload, in: folder)
        try await server.end()
        return try Result(output)
    }

    private func startRelay(in folder: TemporaryFolder) async throws -> Server {
        try await Server(
            "cd '\(folder.url.path)' && exec taskset -c 0 '\(try Repository.binary.path)' relay", port: Self.port)
    }

    private func measureRelay(_ load: Load, in folder: TemporaryFolder) async throws -> Result {
        try await measureRelay(load, try await startRelay(in: folder), in: folder)
    }

    private func measureRelay(_ load: Load, _ relay: Server, in folder: TemporaryFolder) async throws -> Result {
        let wsload = """
            --port \(Self.port) --publish /ws/broadcast-feedback-update --tokens tokens \
            --header $'Authorization: Bearer @TOK@\\r\\n' \
            --body '{"diagnosis_id":@ID@,"data":{"ts":@TS@,"pad":"@PAD@"}}' --pid \(relay.process.processIdentifier)
            """
        let output = try await self.wsload(load, wsload, in: folder)
        try await relay.end()
        return try Result(output)
    }

    private func wsload(_ load: Load, _ options: String, in folder: TemporaryFolder) async throws -> String {
        let binary = try Repository.binary.deletingLastPathComponent().appending(path: "wsload").path
        return try await BenchmarkShell.output(
            of: """
                taskset -c 1 '\(binary)' -n \(load.clients) -d \(load.diagnoses) --rate \(load.rate) \
                --seconds \(load.seconds) --pad \(load.letters) \(options)
                """, in: folder)
    }

    // MARK: Alone

    private func time(in folder: TemporaryFolder) async throws {
        print("| 1,000 clients, from broadcast to receipt, committed in between | p50 ms | p99 ms |")
        print("| --- | ---: | ---: |")
        let load = Load(name: "100 diagnoses, 200 a second", clients: 1_000, diagnoses: 100, rate: 200)
        var alone: [Result] = []
        for _ in 0..<repeats { alone.append(try await measureRelay(load, in: folder)) }
        print("| \(load.name) | \(Result(medianOf: alone).times) |")
        let disk = try (0..<repeats).map { _ in try Self.commits(folder.path("disk"), rate: load.rate) }
        print("| the disk alone: that many appends of 16 KiB, each synchronised | \(Result(medianOf: disk).times) |")

        // So much that the sockets of those who do not read fill up.
        let heavy = Load(name: "", clients: 1_000, diagnoses: 10, rate: 100, seconds: 20, letters: 7_000)
        for stalled in [0, 50] {
            var results: [Result] = []
            for _ in 0..<repeats {
                let relay = try await startRelay(in: folder)
                let token = try String(contentsOfFile: folder.path("tokens"), encoding: .utf8).prefix { $0 != "\n" }
                let sockets = try (0..<stalled).map { number in
                    try RawWebSocket(
                        port: Self.port, path: "/ws/\(number % 10 + 1)",
                        headers: "Authorization: Bearer \(token)\r\n", receiveBuffer: 4096)
                }
                results.append(try await measureRelay(heavy, relay, in: folder))
                withExtendedLifetime(sockets) {}
            }
            let name = stalled == 0 ? "" : ", and \(stalled) more that do not read"
            print("| 10 diagnoses, 100 messages of 7 KB a second\(name) | \(Result(medianOf: results).times) |")
        }
    }

    /// How long the disk takes to say that a write is safe.
    private static func commits(_ path: String, rate: Int) throws -> Result {
        let descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        defer { close(descriptor) }
        let block = [UInt8](repeating: 1, count: 16 << 10)
        // Over and over in the same place, as a log does that begins again.
        for number in 0..<256 { pwrite(descriptor, block, block.count, off_t(number * block.count)) }
        fsync(descriptor)
        var milliseconds: [Double] = []
        for number in 0..<rate * 5 {
            let start = ContinuousClock.now
            pwrite(descriptor, block, block.count, off_t(number % 256 * block.count))
            guard fdatasync(descriptor) == 0 else {
                throw BenchmarkShell.Failed(script: "fdatasync", errors: "\(errno)")
            }
            let taken = ContinuousClock.now - start
            milliseconds.append(taken / .milliseconds(1))
            let rest = Duration.seconds(1) / rate - taken
            if rest > .zero { usleep(UInt32(rest / .microseconds(1))) }
        }
        milliseconds.sort()
        return Result(
            cpu: 0, p50: milliseconds[milliseconds.count / 2], p99: milliseconds[milliseconds.count * 99 / 100],
            memory: 0)
    }
}

/// A server, as long as it is held.
private final class Server {
    let process: ChildProcess
    private let log: TemporaryFolder

    /// Starts it with a shell, and waits until it listens.
    init(_ script: String, port: Int) async throws {
        log = try TemporaryFolder()
        process = try await CommandRun.start("/bin/sh", ["-c", script], in: log)
        try await process.wait { (try? RawWebSocket(port: port)) != nil }
        guard process.isRunning else {
            throw CocoaError(.executableLoad, userInfo: [NSDebugDescriptionErrorKey: try log.read(".stderr")])
        }
    }

    /// Ends it and the processes that it started.
    func end() async throws { try await process.end(with: SIGTERM) }
}

/// What `wsload` found.
private struct Result {
    var cpu: Double
    var p50: Double
    var p99: Double
    var memory: Double

    struct Unreadable: Error {
        let text: String
    }

    init(cpu: Double, p50: Double, p99: Double, memory: Double) {
        self.cpu = cpu
        self.p50 = p50
        self.p99 = p99
        self.memory = memory
    }

    init(_ text: String) throws {
        guard let memory = text.firstMatch(of: /([-\d.]+) KiB per connection;/).flatMap({ Double($0.1) }),
            let found = text.firstMatch(
                of:
                    /delivered (\d+) of (\d+) .* p50 ([\d.]+) p99 ([\d.]+) .* = ([\d.]+) s per million delivered; closed (\d+)/
            ),
            found.1 == found.2, found.6 == "0", let p50 = Double(found.3), let p99 = Double(found.4),
            let cpu = Double(found.5)
        else { throw Unreadable(text: text) }
        self.init(cpu: cpu, p50: p50, p99: p99, memory: memory)
    }

    init(medianOf results: [Result]) {
        func median(_ figure: (Result) -> Double) -> Double { results.map(figure).median() }
        self.init(
            cpu: median(\.cpu), p50: median(\.p50), p99: median(\.p99), memory: median(\.memory))
    }

    static func / (left: Result, right: Result) -> Result {
        Result(
            cpu: left.cpu / right.cpu, p50: left.p50 / right.p50, p99: left.p99 / right.p99,
            memory: left.memory / right.memory)
    }

    var times: String { "\(p50.shown) | \(p99.shown)" }
    var cells: String { "\(cpu.shown) | \(times) | \(memory.shown)" }
}
