import Foundation
import Testing
import TestSupport

/// Jobs, their schedules, logs and metrics.
extension CommandLineTests {
    @Test func jobsTellTheirLastRunAndWhenTheyAreDue() async throws {
        let before = try await shell("avicenna init >/dev/null && avicenna jobs --timezone Asia/Tehran --format csv")
        let line = before.output.split(separator: "\n").first { $0.hasPrefix("nightly,") } ?? ""
        let fields = line.split(separator: ",", omittingEmptySubsequences: false)
        try #require(fields.count == 7, "\(before.output)\(before.errors)")
        #expect(fields[..<6] == ["nightly", "15 2 * * *", "", "", "", ""], "\(before.output)\(before.errors)")
        #expect(fields[6].hasSuffix("T02:15:00+03:30"))
        let after = try await shell(
            """
            avicenna import in >/dev/null && avicenna run nightly --as-of 2026-10-20 --only effectiveness >/dev/null
            avicenna jobs --format json
            """)
        let jobs = try #require(
            try JSONSerialization.jsonObject(with: Data(after.output.utf8)) as? [[String: Any]], "\(after.errors)")
        let nightly = try #require(jobs.first { $0["job"] as? String == "nightly" })
        #expect(nightly["last_run"] as? Int == 1)
        #expect(nightly["as_of"] as? String == "2026-10-20")
        #expect(nightly["status"] as? String == "succeeded")
    }

    @Test func theExampleCrontabIsWhatIsPrinted() async throws {
        let run = try await CommandRun.shell(
            "\"$BINARY\" crontab --timezone Asia/Tehran --folder /var/lib/avicenna --binary /usr/local/bin/avicenna",
            in: folder, environment: ["TZ": "UTC"])
        let example = try String(
            contentsOf: Repository.root.appending(path: "crontab.example"), encoding: .utf8)
        #expect(run.output == example, "\(run.errors)")
    }

    @Test func ofTenThatStartTogetherOneRuns() async throws {
        let run = try await CommandRun.script("simultaneous_due_runs.sh", in: folder)
        #expect(run.output == "0\n1\n1\n", "\(run.output)\(run.errors)")
    }

    @Test func missedNightsFillThemselves() async throws {
        let run = try await CommandRun.script("missed_nights.sh", in: folder)
        let lines = run.output.split(separator: "\n").map(String.init)
        try #require(lines.count == 11, "\(run.output)\(run.errors)")
        #expect(lines[0] == "4")
        #expect(lines[1] == lines[6] + ",manual")
        #expect(lines[2...5].map { $0 } == lines[7...10].map { $0 + ",schedule" })
    }

    @Test func asksToEndAreHeardWhileItWaits() async throws {
        // While another holds the lock, and while it waits to try again.
        let run = try await CommandRun.script("interrupted_waits.sh", in: folder)
        #expect(
            run.output == """
                75
                avicenna: told to end, and ended before it had its turn on avicenna.db; what was published stays, and the next run makes up for the rest
                75
                avicenna: told to end, and ended before it was tried again; what was published stays, and the next run makes up for the rest

                """, "\(run.errors)")
    }

    @Test func aScheduledRunThatDiedIsMadeUpFor() async throws {
        let run = try await CommandRun.script("died_scheduled_run.sh", in: folder)
        let lines = run.output.split(separator: "\n")
        #expect(lines.first?.hasPrefix("due as of ") == true, "\(run.errors)")
        #expect(lines.dropFirst() == ["job,trigger,status", "due,schedule,succeeded", "due,schedule,died"])
    }

    @Test func aDryRunSaysWhatWouldHappenAndDoesNothing() async throws {
        try folder.write(
            """
            stages: [effectiveness, reports]
            reports: [effectiveness]
            formats: [pdf]
            languages: [fa, en]
            delivery: {folder: nights, mail: {to: [dr@clinic.example]}}
            """, to: "my-jobs/nightly.yaml")
        let run = try await shell(
            """
            avicenna import in >/dev/null; sqlite3 avicenna.db .dump > before
            export AVICENNA_MAIL_SERVER=localhost:1 AVICENNA_MAIL_FROM=a@clinic.example AVICENNA_JOBS=my-jobs
            avicenna run nightly --as-of 2026-10-20 --dry-run
            (exec 9>avicenna.db.lock; flock 9; avicenna run nightly --as-of 2026-10-20 --dry-run 9>&- | grep lock)
            sqlite3 avicenna.db .dump | cmp - before; ls; avicenna runs --format csv | wc -l
            """)
        #expect(
            run.output == """
                nightly as of 2026-10-20, manual
                stages     effectiveness, reports
                records    nothing is published, and have not seen 2,850 new or changed feedback
                report     output/nights/fa/effectiveness-2026-10-20.pdf
                report     output/nights/en/effectiveness-2026-10-20.pdf
                mail       effectiveness (fa) to dr@clinic.example
                mail       effectiveness (en) to dr@clinic.example
                lock       another process runs on the database now
                avicenna.db
                avicenna.db.lock
                before
                in
                my-jobs
                1

                """, "\(run.errors)")
        let noServer = try await shell("avicenna run nightly --as-of 2026-10-20 --dry-run --jobs my-jobs")
        expectFailure(noServer, status: 78, "nightly: sends mail, but the settings have no 'mail_server'")
    }

    @Test func logsAreObjectsThatNameTheirRun() async throws {
        let run = try await shell(
            "avicenna import in >/dev/null; avicenna run nightly --as-of 2026-10-20 --log-format json; avicenna run x --log-format json"
        )
        let lines = try run.errors.split(separator: "\n").map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
        }
        #expect(lines.first?["message"] as? String == "run began")
        #expect(lines.dropLast().allSatisfy { $0["run"] as? Int == 1 && $0["job"] as? String == "nightly" })
        #expect(lines.allSatisfy { ($0["at"] as? String)?.hasSuffix("Z") == true })
        let steps = lines.filter { ($0["message"] as? String)?.hasSuffix(" ended") == true }.compactMap {
            $0["step"] as? String
        }
        #expect(
            steps == [
                "read", "effectiveness", "trends", "cohorts", "scores", "patient view", "publish", "release", "reports",
                "delivery",
            ])
        let trends = try #require(lines.first { $0["message"] as? String == "trends ended" })
        #expect(trends["seconds"] is Double && trends["memory_bytes"] is Int && trends["rows_read"] is Int)
        #expect(lines.last?["level"] as? String == "error")
        #expect(
            lines.last?["message"] as? String
                == "\(Repository.root.path)/jobs: x: is no job here; known: feedback, hourly-refresh, monthly-clinic, nightly, weekly-reports"
        )
    }

    @Test func metricsAreThereForThoseWhoWatch() async throws {
        let run = try await CommandRun.script("metrics_file.sh", in: folder)
        let text = try folder.read("first")
        var values: [String: Double] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let parts = line.split(separator: " ")
            #expect(parts.count == 2 && values[String(parts[0])] == nil, "\(line)")
            let value = Double(String(parts[1]))
            #expect(value != nil, "\(line)")
            values[String(parts[0])] = value
        }
        // Every metric says what it is, once, before its values.
        let names = Set(values.keys.map { $0.prefix { $0 != "{" } })
        for name in names {
            #expect(text.components(separatedBy: "# TYPE \(name) gauge\n").count == 2, "\(name)")
            #expect(text.components(separatedBy: "# HELP \(name) ").count == 2, "\(name)")
        }
        #expect(values["avicenna_job_last_succeeded{job=\"nightly\"}"] == 1)
        #expect(values["avicenna_job_last_success_day_timestamp_seconds{job=\"nightly\"}"] == 1_792_454_400)
        #expect(values["avicenna_import_rejected_rows"] == 1)
        #expect(values["avicenna_feedback_pending"] ?? -1 >= 0)
        #expect(values["avicenna_job_last_deliveries{job=\"nightly\",status=\"delivered\"}"] == 5)
        #expect(values["avicenna_job_last_memory_bytes{job=\"nightly\"}"] ?? 0 > 1_000_000)

        let run1 = try #require(run.output.range(of: "{\"run\": 1").map { String(run.output[$0.lowerBound...]) })
        let record = try #require(
            try JSONSerialization.jsonObject(with: Data(run1.utf8)) as? [String: Any], "\(run1)")
        let stages = try #require(record["stages"] as? [[String: Any]])
        #expect(values["avicenna_job_last_deltas{job=\"nightly\"}"] == (record["deltas"] as? Double))
        let written = stages.dropLast().compactMap { $0["rows_written"] as? Double }.reduce(0, +)
        #expect(values["avicenna_job_last_rows_written{job=\"nightly\"}"] == written)
        #expect(stages.map { $0["stage"] as? String } == ["effectiveness", "trends", "cohorts", "scores", "reports"])
        #expect(
            stages.dropLast().allSatisfy { ($0["digest"] as? String)?.count == 64 && $0["memory_mib"] as? Int ?? 0 > 0 }
        )
        #expect((record["deliveries"] as? [Any])?.count == 5)
        #expect(run.output.hasPrefix("644\navicenna.prom\n"), "\(run.output)")
    }

    @Test func feedbackCallsForARun() async throws {
        let run = try await CommandRun.script("feedback_trigger.sh", in: folder)
        let lines = run.output.split(separator: "\n").map(String.init)
        #expect(lines.first?.hasPrefix("nothing would run: ") == true, "\(run.output)\(run.errors)")
        #expect(lines.first?.hasSuffix("; feedback runs from 5 on") == true)
        #expect(lines.dropFirst().first?.hasPrefix("feedback as of ") == true)
        #expect(lines.last == "feedback,feedback,succeeded")
        #expect(run.errors.isEmpty, "\(run.errors)")
    }
}
