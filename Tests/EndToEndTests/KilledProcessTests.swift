import Foundation
import Testing
import TestSupport

/// Killed at any moment, nothing is lost and the next command needs no repair: after it the database is that of a clinic
/// where nothing was ever killed, row for row.
@Suite(.endToEnd, .timeLimit(.minutes(30))) struct KilledProcessTests {
    private let folder: TemporaryFolder
    private let server: TestMailServer
    private let binary: String

    init() async throws {
        folder = try TemporaryFolder()
        server = try await TestMailServer(in: folder)
        binary = try Repository.binary.path
        #expect(try await CommandRun.avicenna("demo", "clinic", "--feedback", "12000", in: folder).status == 0)
        try folder.write(
            """
            mail_server: localhost:\(server.port)
            mail_security: none
            mail_from: reports@clinic.example
            log_format: json
            """, to: "avicenna.yaml")
        let job = """
            stages: [effectiveness, trends, cohorts, scores, reports]
            reports: [effectiveness, predictions]
            formats: [csv, pdf]
            delivery: {mail: {to: [first@clinic.example, second@clinic.example, third@clinic.example], formats: [pdf]}}
            """
        for name in ["nightly", "quiet"] { try folder.write(job, to: "jobs/\(name).yaml") }
    }

    private func start(_ arguments: [String]) async throws -> ChildProcess {
        try await CommandRun.start(binary, arguments, in: folder, environment: ["AVICENNA_JOBS": folder.path("jobs")])
    }

    private func succeed(_ arguments: [String]) async throws {
        let status = try await start(arguments).terminationStatus
        let errors = try folder.read(".stderr")
        #expect(status == 0, "\(errors)")
    }

    /// Starts a command and kills it some time after its log says that a step began, or after its start.
    ///
    /// - Returns: whether it was killed before it ended.
    private func killed(_ arguments: [String], in step: String?, after moment: Duration) async throws -> Bool {
        let process = try await start(arguments)
        if let step {
            try await process.wait { try folder.read(".stderr").contains("\"message\":\"\(step) began\"") }
        }
        try await Task.sleep(for: moment)
        if case .signal = try await process.end(with: SIGKILL) { return true } else { return false }
    }

    /// Everything that the records and runs of a database say, without what tells one run from another.
    private func content(of database: String) async throws -> String {
        let plain = [
            "terms", "spellings", "symptom_sets", "symptom_set_members", "feedback_notes", "effectiveness_history",
            "trends_history", "cohorts_history", "predictions_history", "bodies_history", "priors", "published_names",
        ]
        let pages = ["effectiveness", "trends", "cohorts", "predictions", "bodies"].map {
            "page, quote(rows) FROM \($0)"
        }
        let chosen = [
            "patient_id, mizaj, sex, birth_year FROM patients",
            "diagnosis_id, patient_id, condition_id, symptom_set_id, created_at FROM diagnoses",
            "recommendation_id, diagnosis_id, herb_id, created_at FROM recommendations",
            "feedback_id, recommendation_id, rating, improvement, compliance, created_at, deleted_at FROM feedback",
            "diagnosis_id, type, data, quote(batch) FROM deltas ORDER BY seq", "stage, as_of FROM publications",
        ]
        let queries = (plain.map { "* FROM \($0)" } + pages + chosen).map { "SELECT \($0);" }.joined(separator: "\n")
        let dump = try await CommandRun.shell(
            "sqlite3 -bail \(database) 'PRAGMA integrity_check; PRAGMA foreign_key_check; \(queries)' > \(database).dump; echo $?; head -1 \(database).dump; sha256sum < \(database).dump",
            in: folder)
        #expect(dump.output.hasPrefix("0\nok\n"), "\(dump.output)\(dump.errors)")
        return dump.output
    }

    @Test func killsAtManyMomentsLeaveNoTrace() async throws {
        var random = TestRandom(7)
        let days = (20...29).map { "2026-09-\($0)" }
        // What nobody disturbs.
        try await succeed(["import", "clinic", "--database", "whole.db"])
        var expected = [try await content(of: "whole.db")]
        for day in days {
            try await succeed(["run", "quiet", "--as-of", day, "--no-mail", "--database", "whole.db"])
            expected.append(try await content(of: "whole.db"))
        }

        var kills: [String: Int] = [:]
        for _ in 1...10
        where try await killed(
            ["import", "clinic"], in: nil, after: .milliseconds(Int.random(in: 20...250, using: &random)))
        {
            kills["import", default: 0] += 1
        }
        try await succeed(["import", "clinic"])
        #expect(try await content(of: "avicenna.db") == expected[0])
        let steps = ["read", "effectiveness", "scores", "publish", "reports", "delivery"]
        for (number, day) in days.enumerated() {
            let command = ["run", "nightly", "--as-of", day]
            for step in steps {
                // Publishing takes longer than computing, and mailing three mails of two reports about as long.
                let longest = ["publish": 60_000, "reports": 150_000, "delivery": 100_000][step] ?? 8_000
                let moment = Duration.microseconds(Int.random(in: 0...longest, using: &random))
                if try await killed(command, in: step, after: moment) { kills[step, default: 0] += 1 }
            }
            try await succeed(command)
            #expect(try await content(of: "avicenna.db") == expected[number + 1], "\(day)")
        }
        print("killed in: \(kills.sorted { $0.key < $1.key })")
        #expect(kills.values.reduce(0, +) >= 50, "\(kills)")
        for step in steps { #expect(kills[step, default: 0] > 0, "\(step): \(kills)") }

        // Each mail arrived, and where it came more than once, as the same.
        let mails = Dictionary(grouping: try await server.mails()) { [$0["To"], $0["Subject"]] }
        #expect(mails.count == days.count * 2 * 3)
        for (mail, copies) in mails { #expect(Set(copies.map { $0["Message-ID"] }).count == 1, "\(mail)") }
        let ledger = try await CommandRun.shell(
            "sqlite3 avicenna.db \"SELECT channel, status, count(*) FROM deliveries GROUP BY 1, 2\"", in: folder)
        #expect(ledger.output == "folder|delivered|20\nmail|delivered|60\n")
        // Each run that was killed is told as such, and every file is whole: nothing is left of those that were not.
        let runs = try await CommandRun.shell(
            "sqlite3 avicenna.db 'SELECT DISTINCT status FROM runs ORDER BY 1'", in: folder)
        #expect(runs.output == "died\nsucceeded\n")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path("output"))
        #expect(files.count == days.count * 2 * 2, "\(files)")
    }

    @Test func asksToEndAreHeardAtAnyMoment() async throws {
        try await succeed(["import", "clinic"])
        var random = TestRandom(8)
        for _ in 1...10 {
            let process = try await start(["run", "nightly", "--as-of", "2026-09-30", "--no-mail"])
            try await Task.sleep(for: .milliseconds(Int.random(in: 10...400, using: &random)))
            // Before it listens it ends as any program does.
            if case .exit(let status) = try await process.end(with: SIGTERM) {
                #expect(status == 0 || status == 75, "\(status)")
            }
        }
        try await succeed(["run", "nightly", "--as-of", "2026-09-30", "--no-mail"])
        let runs = try await CommandRun.shell("sqlite3 avicenna.db 'SELECT DISTINCT status FROM runs'", in: folder)
        #expect(Set(runs.output.split(separator: "\n")).subtracting(["stopped", "died"]) == ["succeeded"])
    }
}
