import Foundation
import Testing
import TestSupport

/// `avicenna watch`
@Suite(.endToEnd, .timeLimit(.minutes(30))) struct WatchTests {
    private let clinic: ServedClinic
    private var folder: TemporaryFolder { clinic.folder }

    init() async throws {
        clinic = try await ServedClinic()
    }

    private func tell(_ number: Int) async throws {
        let run = try await clinic.shell(
            "sqlite3 avicenna.db \"INSERT INTO deltas (run_id, diagnosis_id, type, data, at) VALUES (0, 1, 'feedback_update', '{\\\"n\\\":\(number)}', 0)\""
        )
        #expect(run.status == 0, "\(run.errors)")
    }

    @Test func namesThatATerminalWouldActOnAreWrittenOut() async throws {
        let relay = try await ServerProcess(in: folder)
        let log = try TemporaryFolder()
        let command = "cd '\(folder.url.path)' && exec '\(try Repository.binary.path)' watch 1 --port \(relay.port)"
        let watch = try await CommandRun.start("/bin/sh", ["-c", command], in: log)
        _ = try await log.read(".stderr") { $0.contains("connected\n") }
        let data = """
            {"recommendation_id":1,"samples":1,"mean_rating":5,"mean_improvement":null,
            "side_effects":[{"name":"\u{1B}[31m\u{9B}2J\u{202E}evil","count":1}]}
            """.replacing("\u{1B}", with: "\\u001b").replacing("\n", with: "")
        try folder.write(
            "INSERT INTO deltas (run_id, diagnosis_id, type, data, at) VALUES (0, 1, 'feedback_update', '\(data)', 0);",
            to: "tell.sql")
        let told = try await clinic.shell("sqlite3 avicenna.db < tell.sql")
        #expect(told.status == 0, "\(told.errors)")
        let text = try await log.read(".stdout") { $0.contains("evil") }
        #expect(text.contains(#"\u{1B}[31m\u{9B}2J\u{202E}evil 1×"#), "\(text)")
        #expect(!text.unicodeScalars.contains { $0 != "\n" && $0.properties.generalCategory == .control })
        #expect(try await watch.end(with: SIGINT) == .exit(0))
    }

    @Test func itFollowsAcrossAKilledRelay() async throws {
        var relay: ServerProcess? = try await ServerProcess(in: folder)
        let port = try #require(relay?.port)
        let log = try TemporaryFolder()
        let watch = try await CommandRun.start(
            "/bin/sh",
            [
                "-c",
                "cd '\(folder.url.path)' && exec '\(try Repository.binary.path)' watch 1 --port \(port) --format json",
            ],
            in: log)
        _ = try await log.read(".stderr") { $0.contains("connected\n") }
        try await tell(1)
        _ = try await log.read(".stdout") { $0.contains("{\"n\":1}") }
        try await relay?.end(with: SIGKILL)
        try await tell(2)
        try await tell(3)
        relay = try await ServerProcess(in: folder, port: port)
        _ = try await log.read(".stdout") { $0.contains("{\"n\":3}") }
        try await tell(4)
        let text = try await log.read(".stdout") { $0.contains("{\"n\":4}") }
        let told = text.split(separator: "\n").compactMap { $0.firstMatch(of: /"n":(\d)/).map { String($0.1) } }
        #expect(told == ["1", "2", "3", "4"], "\(text)")
        #expect(text.contains("\"type\":\"connect\"") && text.contains("{\"replayed\":2}"))
        let notes = try log.read(".stderr")
        #expect(notes.contains("; trying again in "), "\(notes)")
        #expect(try await watch.end(with: SIGINT) == .exit(0))
    }

    @Test("a client that saw messages which a restore discarded is resynchronised")
    func restoredBackup() async throws {
        /// The messages that follow a position, from a relay of their own.
        func messages(after position: String) async throws -> [(
            type: String, sequence: Int, epoch: String, line: String
        )] {
            let relay = try await ServerProcess(in: folder)
            let run = try await clinic.shell(
                "timeout -s TERM 3 \"$BINARY\" watch 1 \(position) --format json --port \(relay.port)")
            return try run.output.split(separator: "\n").map { line in
                let message = try #require(
                    try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(run.errors)")
                return (
                    try #require(message["type"] as? String), try #require(message["seq"] as? Int),
                    try #require(message["epoch"] as? String), String(line)
                )
            }
        }
        try await tell(1)
        #expect(try await clinic.shell("avicenna backup kept").status == 0)
        try await tell(2)
        try await tell(3)
        let seen = try #require(try await messages(after: "--since 0").last)
        #expect(seen.line.contains("{\"n\":3}"))
        #expect(try await clinic.shell("avicenna restore kept --force").status == 0)
        // The history that follows reaches further than what the client saw.
        for number in 4...6 { try await tell(number) }
        let position = "--since \(seen.sequence)"
        let resumed = try await messages(after: "\(position) --epoch \(seen.epoch)")
        #expect(resumed.map(\.type) == ["connect", "resync"])
        #expect(resumed.allSatisfy { $0.epoch != seen.epoch && $0.epoch == resumed[0].epoch })
        // A client that sends no epoch cannot be told apart from one that saw these numbers here.
        #expect(try await messages(after: position).map(\.type) == ["connect", "feedback_update"])
        let last = try #require(resumed.last)
        #expect(try await messages(after: "--since \(last.sequence) --epoch \(last.epoch)").map(\.type) == ["connect"])
    }

    @Test func itSaysInWordsWhatChanged() async throws {
        #expect(
            try await clinic.publish().status == 0)
        let relay = try await ServerProcess(in: folder)
        let run = try await clinic.shell("timeout -s TERM 3 \"$BINARY\" watch 3 --since 0 --port \(relay.port)")
        #expect(run.errors == "connected\n")
        let lines = run.output.split(separator: "\n").map(String.init)
        let all = try await clinic.tallies(of: 3)
        #expect(lines.first?.contains("following; \(all.count + 1) messages were missed") == true, "\(run.output)")
        for (line, counts) in zip(lines.dropFirst(), all) {
            #expect(line.contains("all – → \(counts.successes)/\(counts.samples) ("), "\(line)")
        }
        #expect(lines.last?.contains("ranking: 1. ") == true, "\(run.output)")
    }

    @Test func whatStandsAgainstItIsToldInALine() async throws {
        let relay = try await ServerProcess(in: folder)
        let expected: [(command: String, status: Int32, line: String)] = [
            ("watch 1 --port \(relay.port) --token-file none", 66, "none: cannot be read; it must hold a token"),
            ("watch 1 --port \(relay.port) --token-file secret", 77, "the server refuses: the token is not valid"),
            ("watch 0", 64, "A diagnosis is a number from 1; see 'avicenna --help'"),
            ("watch 1 --since=-1", 64, "--since must be a number from 0; see 'avicenna --help'"),
            ("watch 1 --epoch 0123456789abcdef", 64, "--epoch belongs to --since; see 'avicenna --help'"),
            (
                "watch 1 --since 1 --epoch x", 64,
                "--epoch must be the 'epoch' of a message, such as 0123456789abcdef; see 'avicenna --help'"
            ),
            (
                "watch 1 --server http://127.0.0.1:\(relay.port)/elsewhere", 77,
                "the server refuses: it answers with 404 Not Found"
            ),
            (
                "watch 1 --server clinic", 78,
                "'clinic' is no server; write it like wss://clinic.example or ws://127.0.0.1:8080"
            ),
        ]
        for (command, status, line) in expected {
            let run = try await clinic.shell("avicenna \(command)")
            #expect(run.status == status, "\(command)")
            #expect(run.errors == "avicenna: \(line)\n", "\(command)")
        }
        let strange = try await clinic.shell(
            "AVICENNA_TOKEN=$(avicenna token --patient 999999) avicenna watch 1 --port \(relay.port)")
        #expect(strange.status == 77)
        #expect(strange.errors == "avicenna: the server refuses: the token does not allow this\n")
        try folder.write("", to: "avicenna.yaml")
        let bare = try await clinic.shell("avicenna watch 1")
        #expect(bare.status == 78)
        #expect(bare.errors == "avicenna: a token is needed; name a file with --token-file, or set AVICENNA_TOKEN\n")
    }

    @Test func aServerThatCannotBeUsedIsNamedInALine() async throws {
        let others = try TemporaryFolder()
        let secure = try await TestWebSocketServer(tls: true, in: others)
        let plain = try await TestWebSocketServer(in: TemporaryFolder())
        let certificate = others.path("cert.pem")
        let expected: [(options: String, line: String)] = [
            (
                "2 --server wss://localhost:\(secure.port)",
                "the server's certificate is not issued by an authority that is trusted here; name the certificate of its authority with --certificates"
            ),
            (
                "2 --server wss://127.0.0.1:\(secure.port) --certificates '\(certificate)'",
                "the server's certificate is not for 127.0.0.1; connect by a name that it is for"
            ),
            (
                "2 --server wss://localhost:\(plain.port)",
                "the server does not speak TLS; check the port, or write ws:// in place of wss:// where no TLS is needed"
            ),
            (
                "10 --server ws://localhost:\(plain.port)",
                "the server answers with 200 OK and opens no WebSocket; check the URL, and that proxies pass on the header field Upgrade"
            ),
        ]
        for (options, line) in expected {
            let run = try await clinic.shell("avicenna watch \(options)")
            #expect(run.status == 69, "\(options)")
            #expect(run.errors == "avicenna: \(line)\n", "\(options)")
        }
    }

    @Test func whereNoRelayIsItGivesUpAfterFiveAttempts() async throws {
        let run = try await clinic.shell("avicenna watch 1 --port 1")
        #expect(run.status == 69)
        let lines = run.errors.split(separator: "\n").map(String.init)
        #expect(lines.count == 6, "\(run.errors)")
        #expect(lines.dropLast().allSatisfy { $0.hasPrefix("connection refused; trying again in ") })
        #expect(lines.last == "avicenna: the server cannot be reached, tried 5 times again: connection refused")
    }

    private static let hasIPv6 =
        // Without the file there is none.
        ((try? String(contentsOfFile: "/proc/net/if_inet6", encoding: .utf8)) ?? "").contains(" lo\n")

    @Test(.enabled(if: hasIPv6, "this machine has no IPv6"))
    func itFollowsByIPv6() async throws {
        try folder.write("token_secret_file: secret\nhost: '::1'\n", to: "avicenna.yaml")
        let relay = try await ServerProcess(in: folder)
        #expect(try relay.errors == "listening at [::1]:\(relay.port)\n")
        let run = try await clinic.shell("timeout -s TERM 2 \"$BINARY\" watch 3 --port \(relay.port)")
        #expect(run.errors == "connected\n")
        #expect(run.output.contains("following\n"))
    }
}
