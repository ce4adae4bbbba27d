import Foundation
import Testing
import TestSupport

/// The binary as an operator meets it: one clear line and the right exit code.
@Suite(.endToEnd, .timeLimit(.minutes(30))) struct CommandLineTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.addClinic()
    }

    private func shell(_ script: String) async throws -> CommandRun {
        try await CommandRun.shell(script, in: folder)
    }

    private func expectFailure(_ run: CommandRun, status: Int32, _ text: String) {
        #expect(run.status == status, "\(run.errors)")
        #expect(run.errors.contains(text), "\(run.errors)")
        #expect(run.errors.hasPrefix("avicenna: "))
        #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
    }

    @Test func fromFilesToReports() async throws {
        let run = try await shell(
            "avicenna import in --timezone Asia/Tehran && avicenna run nightly --as-of 2026-10-20 --timezone Asia/Tehran -v"
        )
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.errors.isEmpty)
        for part in ["read       2,760 cases", "treatment 86", "improving  13 treatments", "published  ", "seconds  "] {
            #expect(run.output.contains(part), "\(run.output)")
        }
        #expect(run.output.split(separator: "\n").count < 40)
        let reports = try FileManager.default.contentsOfDirectory(atPath: folder.path("output")).sorted()
        let names = ["effectiveness", "predictions", "treatments-by-mizaj", "trending", "worst-performing"]
        #expect(reports == names.flatMap { name in ["csv", "pdf", "xlsx"].map { "\(name)-2026-10-20.\($0)" } })

        let results = try await shell("avicenna results cohorts --format csv")
        let expected = try String(
            contentsOf: Repository.golden.appending(path: "mixed-scripts/expected/cohorts.csv"), encoding: .utf8)
        #expect(
            results.output.split(separator: "\n").sorted() == expected.split(whereSeparator: \.isNewline).sorted())

        let json = try await shell("avicenna results effectiveness --level overall --window all --format json")
        let rows = try #require(
            try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]])
        #expect(rows.count == 1)
        #expect(rows.first?["samples"] as? Int == 2760)

        let runs = try await shell("avicenna runs --format csv; avicenna runs 1 --format csv")
        let lines = runs.output.split(separator: "\n")
        #expect(lines[1].hasPrefix("1,nightly,2026-10-20,manual,succeeded,"), "\(runs.output)")
        #expect(lines.contains { $0.hasPrefix("effectiveness,2760,") }, "\(runs.output)")

        let rerun = try await shell("avicenna run nightly --as-of 2026-10-20 --timezone Asia/Tehran")
        #expect(rerun.output.contains("2,760 cases, 0 rows changed, 0 deltas, 15 files, "))
        #expect(rerun.output.split(separator: "\n").count == 1)
        let quiet = try await shell("avicenna run nightly --as-of 2026-10-20 --timezone Asia/Tehran --quiet")
        #expect(quiet.status == 0)
        #expect(quiet.output + quiet.errors == "")
    }

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

    @Test func pruningKeepsWhatCounts() async throws {
        let run = try await shell(
            """
            avicenna import in >/dev/null; avicenna run nightly --from 2026-10-11 --to 2026-10-20 -q
            avicenna results effectiveness --format csv > before; avicenna prune --keep 1
            sqlite3 avicenna.db "UPDATE runs SET started_at = started_at - 86400000000 * 400"
            avicenna prune --keep 365; avicenna results effectiveness --format csv | cmp - before && avicenna runs --format csv | wc -l
            """)
        let lines = run.output.split(separator: "\n")
        try #require(lines.count == 3, "\(run.output)\(run.errors)")
        #expect(lines[1].contains(" 9 runs, "), "\(run.output)")
        #expect(lines[2] == "2")
    }

    @Test func theDoctorFindsNothingInASoundClinic() async throws {
        let run = try await shell("avicenna init >/dev/null; avicenna doctor --format csv")
        #expect(run.status == 0, "\(run.output)\(run.errors)")
        let lines = run.output.split(separator: "\n").dropFirst()
        #expect(lines.count == 13)
        #expect(lines.allSatisfy { $0.hasPrefix("good,") }, "\(run.output)")
    }

    @Test(
        "the doctor says what to mend",
        arguments: [
            ("rm avicenna.db", 69, "bad,database,avicenna.db: there is no database"),
            ("echo text > avicenna.db", 69, "bad,database,avicenna.db: is no sound database"),
            (
                "chmod 644 avicenna.db", 0,
                "doubtful,rights,avicenna.db can be read by others (644),chmod 600 avicenna.db"
            ),
            ("echo 'stages: [x]' > my-jobs/a.yaml", 69, "bad,jobs,\"my-jobs/a.yaml:1: stages: has no 'x';"),
            (
                "printf 'stages: [reports]\\nreports: [trendin]\\n' > my-jobs/a.yaml", 69,
                "bad,job a,its report 'trendin' is not there,did you mean 'trending'?"
            ),
            (
                "printf 'stages: [scores]\\nschedule: \"0 0 1 1 *\"\\n' > my-jobs/a.yaml; sqlite3 avicenna.db \"$RUN(1, 'a', 1, 'schedule', 0, 0, 'succeeded', '', '', 'timezone=UTC success_rating=4')\"",
                0, "good,job a,its last run: succeeded"
            ),
            (
                "printf 'stages: [scores]\\nschedule: \"0 %s * * *\"\\n' $(date -u -d '-4 hours' +%-H) > my-jobs/a.yaml; sqlite3 avicenna.db \"$RUN(1, 'a', 1, 'schedule', 0, 0, 'succeeded', '', '', 'timezone=UTC success_rating=4')\"",
                0, "doubtful,job a,was due at "
            ),
            (
                "printf 'stages: [scores]\\nschedule: \"0 0 * * *\"\\n' > my-jobs/a.yaml; sqlite3 avicenna.db \"$RUN(1, 'a', 1, 'manual', $(date +%s)000000, 0, 'failed', '', '', 'timezone=UTC success_rating=4')\"",
                0, "doubtful,job a,its last run failed"
            ),
            (
                "sqlite3 avicenna.db \"$RUN(1, 'a', 1, 'manual', 4000000000000000, 0, 'failed', '', '', 'timezone=UTC success_rating=4')\"",
                69, "bad,clock,\"the last run began at 2096-10-02T07:06:40+00:00"
            ),
            ("touch output", 69, "bad,output,output: "),
            (
                "sqlite3 avicenna.db \"PRAGMA foreign_keys = off; INSERT INTO feedback (feedback_id, recommendation_id, rating, created_at, import_id) VALUES (1, 7, 3, 0, 1)\"",
                69, "bad,database,avicenna.db: records refer to nothing"
            ),
        ])
    func theDoctorSaysWhatToMend(damage: String, status: Int32, text: String) async throws {
        let run = try await shell(
            """
            avicenna init >/dev/null; mkdir my-jobs
            RUN="INSERT INTO runs (run_id, job, as_of, trigger, started_at, ended_at, status, software_version, model_version, settings) VALUES "
            \(damage)
            avicenna doctor --jobs my-jobs --format csv
            """)
        #expect(run.status == status, "\(run.output)\(run.errors)")
        #expect(run.output.contains("\n\(text)"), "\(run.output)\(run.errors)")
    }

    @Test func aBackupBringsBackTheSameResults() async throws {
        let run = try await shell(
            """
            avicenna import in >/dev/null && avicenna run nightly --as-of 2026-10-20 --only effectiveness >/dev/null
            avicenna results effectiveness --format csv > before
            avicenna backup kept/clinic.backup && rm avicenna.db && avicenna restore kept/clinic.backup
            avicenna results effectiveness --format csv | cmp - before && avicenna restore kept/clinic.backup
            """)
        #expect(run.status == 73)
        #expect(run.errors == "avicenna: avicenna.db: there is a database already; replace it with --force\n")
        #expect(run.output.hasPrefix("kept/clinic.backup: a sound backup of avicenna.db, "))
        #expect(
            run.output.hasSuffix(
                "avicenna.db: restored, with 250 patients, 500 diagnoses, 1,000 recommendations and 3,000 feedback\n"
                    + "all tokens issued before now are revoked, because the revocations since the backup are not known; "
                    + "issue new ones\n"),
            "\(run.output)")
        #expect(
            try await shell("avicenna restore kept/clinic.backup --force --database sqlite:avicenna.db").status == 0)
        let held = try await shell("exec 9>avicenna.db.lock; flock 9; avicenna restore kept/clinic.backup --force 9>&-")
        expectFailure(held, status: 75, "another process runs on this database")
    }

    @Test func aRunCanBeVerifiedUntilTheRecordsChange() async throws {
        let run = try await shell(
            """
            avicenna import in >/dev/null
            avicenna run nightly --as-of 2026-10-20 --timezone Asia/Tehran --only effectiveness,trends,cohorts,scores >/dev/null
            avicenna run nightly --as-of 2026-10-18 --success-rating 5 --only effectiveness >/dev/null
            avicenna verify 1 && avicenna verify 2
            """)
        #expect(run.status == 0, "\(run.errors)")
        let lines = run.output.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines.first?.hasPrefix("run 1 as of 2026-10-20: the records give the same, ") == true)
        let edited = try await shell(
            """
            sqlite3 avicenna.db "UPDATE feedback SET rating = CASE rating WHEN 1 THEN 5 ELSE 1 END
                WHERE feedback_id = (SELECT min(feedback_id) FROM feedback WHERE deleted_at IS NULL)"
            avicenna verify 1
            """)
        expectFailure(edited, status: 65, "if they were changed since, run that day again")
        let older = try await shell(
            "sqlite3 avicenna.db \"UPDATE runs SET software_version = '0.0.1'\"; avicenna verify 1")
        expectFailure(older, status: 65, "or version 0.0.1 made digests in another way, run that day again")
        expectFailure(try await shell("avicenna verify 9"), status: 66, "has no run 9")
    }

    @Test(.enabled("\(Privilege.reason)") { await Privilege.canMount() })
    func aBackupOnAFullDiskLeavesTheOlderOne() async throws {
        let run = try await CommandRun.script("full_disk_backup.sh", in: folder)
        expectFailure(run, status: 73, "small/b: cannot be written (")
        #expect(run.output == "b\nolder\n")
    }

    @Test func backfillRunsEachDay() async throws {
        let run = try await shell(
            "avicenna import in >/dev/null && avicenna run nightly --from 2026-09-21 --to 2026-10-20")
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("nightly as of 2026-09-21, run 1: "))
        #expect(run.output.contains("nightly as of 2026-10-20, run 30"))
        #expect(FileManager.default.fileExists(atPath: folder.path("output/effectiveness-2026-09-25.csv")))
    }

    @Test(
        "says what is wrong on one line",
        arguments: [
            ("avicenna frobnicate", 64, "frobnicate"), ("avicenna import", 64, "'<path>'"),
            ("avicenna results nonsense", 64, "nonsense"),
            ("avicenna results comments", 64, "is not a table of results"),
            ("avicenna run nightly --if-due --as-of 2026-01-01", 64, "go without --as-of"),
            (
                "mkdir j; echo 'stages: [scores]' > j/x.yaml; avicenna init >/dev/null; avicenna run x --jobs j --if-due",
                78,
                "x: has no 'schedule'"
            ),
            ("avicenna report", 64, "Name a report"), ("avicenna report effectiveness --list", 64, "Name a report"),
            ("avicenna report --columns effectivness", 64, "effectivness"),
            ("avicenna report predictons", 78, "did you mean 'predictions'?"),
            ("avicenna report effectiveness --formats docx", 64, "--formats has no 'docx'"),
            ("avicenna results cohorts --level herb", 64, "has no level"),
            ("avicenna run nightly --from 2026-01-01", 64, "--from and --to go together"),
            ("avicenna run nightly --from 2026-02-01 --to 2026-01-01", 64, "lies after"),
            ("avicenna run nightly --as-of 2999-01-01", 64, "has not come yet"),
            ("avicenna run nightly --as-of yesterday", 64, "yesterday"),
            ("avicenna import nowhere", 66, "nowhere: is not there"),
            ("mkdir empty; avicenna import empty", 66, "empty: has no patients.csv"),
            ("avicenna import in/patients.csv", 66, "add --mapping MAP.yaml"),
            ("avicenna import in/patients.csv --mapping nope.yaml", 66, "nope.yaml: is not there"),
            // A file that opens and cannot be read: reading the memory of a process at 0 is an I/O error.
            ("ln -sf /proc/self/mem in/patients.csv; avicenna import in", 66, "in/patients.csv: cannot be read: "),
            ("avicenna results effectiveness", 66, "avicenna.db: there is no database"),
            ("avicenna run nightly", 66, "make it with 'avicenna init'"),
            ("avicenna init >/dev/null; avicenna results trends", 66, "no results of trends were published yet"),
            ("avicenna init --database /proc/nowhere/x.db", 73, "cannot be written"),
            ("echo 'this is a text and not a database' > x.db; avicenna init --database x.db", 65, "no sound database"),
            ("avicenna run nightli", 78, "did you mean 'nightly'?"),
            ("avicenna run nightly --only effectivness", 78, "did you mean 'effectiveness'?"),
            ("echo 'timezon: UTC' > avicenna.yaml; avicenna init", 78, "avicenna.yaml:1: timezon: is no known key"),
            ("AVICENNA_LANGUAGE=de avicenna init", 78, "AVICENNA_LANGUAGE: is 'de'"),
            ("avicenna init --success-rating 9", 78, "--success-rating: is '9'"),
            (
                "sed -i 1s/condition/illness/ in/diagnoses.csv; avicenna import in", 65,
                "in/diagnoses.csv:1: column 'condition' is missing"
            ),
            (
                "sed -i 3s/,[a-z_]*,/,x,/ in/patients.csv; avicenna import in", 65,
                "in/patients.csv:3: mizaj_type: is 'x'"
            ),
            (
                "mkdir rejects.csv; sed -i '2s/.*/x/' in/patients.csv; avicenna import in", 73,
                "rejects.csv: cannot be written"
            ),
            ("avicenna report effectiveness --set level=herbs", 78, "did you mean 'herb'?"),
            (
                "avicenna run nightly --jobs nowhere", 66,
                "nowhere: is no folder that can be read; name the one with the jobs"
            ),
            ("avicenna init >/dev/null; avicenna runs 7", 66, "has no run 7"),
            ("avicenna demo --feedback 0", 64, "--feedback"),
            ("avicenna demo --last-day 1999-12-31", 64, "from the year 2000 on"),
            ("avicenna restore in --force", 66, "in: is no file; name a file that 'avicenna backup' wrote"),
            ("avicenna restore /dev/zero --force", 66, "/dev/zero: is no file"),
            ("avicenna restore nope --force", 66, "nope: is not there"),
            ("avicenna demo /proc/nowhere", 73, "cannot be written"),
        ])
    func saysWhatIsWrongOnOneLine(script: String, status: Int32, text: String) async throws {
        expectFailure(try await shell(script), status: status, text)
    }

    @Test func settingsStandBeforeOrAfterTheSubcommand() async throws {
        for line in ["--database a.db init", "init --database a.db", "--database b.db init --database a.db"] {
            let run = try await shell("avicenna \(line) && rm a.db*")
            #expect(run.output.hasPrefix("a.db: ready"), "\(line): \(run.errors)")
        }
        expectFailure(
            try await shell("avicenna --timezone Nowhere init --database a.db"), status: 78, "--timezone: is 'Nowhere'")
    }

    @Test func aWrongInputMakesNoDatabase() async throws {
        _ = try await shell("avicenna import nowhere")
        #expect(!FileManager.default.fileExists(atPath: folder.path("avicenna.db")))
    }

    @Test func aSecondRunWaitsOrComesBackLater() async throws {
        #expect(try await shell("avicenna import in").status == 0)
        let second = try await shell("exec 9>avicenna.db.lock; flock 9; avicenna run nightly --as-of 2026-10-20 9>&-")
        expectFailure(second, status: 75, "another process runs on this database")
        // The holder lets go once the other says that it waits.
        let waited = try await CommandRun.script("waiting_run.sh", in: folder)
        #expect(waited.status == 0, "\(waited.errors)")
        #expect(try folder.read("note") == "waiting for another process that runs on this database\n")
    }

    @Test func aRunOnALargeDatabaseTakesLargePages() async throws {
        // Looked at while it waits, which is after it began anew.
        let run = try await CommandRun.script("large_pages.sh", in: folder)
        let lines = run.output.split(separator: "\n").map(String.init)
        let (large, asTold) = ("glibc.malloc.hugetlb=1", "glibc.malloc.hugetlb=0")
        let expected = ["none", large, large, asTold].flatMap { [$0, "avicenna", "75"] }
        #expect(lines.prefix(expected.count) == expected[...], "\(run.errors)")
        #expect(lines.last == "0", "\(run.errors)")
    }

    @Test func aGigabyteOfGarbageEndsSoonInSmallMemory() async throws {
        let run = try await shell(
            """
            head -1 in/feedback.csv > h; (cat h; yes 'garbage "and' | head -c 1000000000) > in/feedback.csv
            ulimit -v 2000000; avicenna import in; status=$?; cp h in/feedback.csv; exit $status
            """)
        expectFailure(
            run, status: 65,
            "in/feedback.csv:2: a quote is inside a field that does not begin with one; stopped after 10001")
        #expect(try await shell("test $(stat -c %s rejects.csv) -lt 2000000").status == 0)
        expectFailure(
            try await shell("head -c 100000000 /dev/zero > in/patients.csv; avicenna import in"), status: 65,
            "in/patients.csv:1: is empty; the header must have patient_id, mizaj_type")
    }

    @Test(.enabled("\(Privilege.reason)") { await Privilege.canBecomeNobody() })
    func aFolderWithoutRightsIsTold() async throws {
        let asNobody =
            "chmod 755 .; setpriv --reuid=65534 --regid=65534 --clear-groups --reset-env env BINARY=$BINARY $BINARY"
        expectFailure(
            try await shell("chmod 700 in; \(asNobody) import in --database /tmp/none.db"), status: 66,
            "in: cannot be read")
        expectFailure(
            try await shell("chmod 755 in; chmod 600 in/feedback.csv; \(asNobody) import in --database /tmp/none.db"),
            status: 66, "in/feedback.csv: cannot be read: Permission denied")
        expectFailure(
            try await shell("chmod 644 in/*; \(asNobody) import in"), status: 73,
            "avicenna.db: cannot be written (Permission denied)")
    }

    @Test(.enabled("\(Privilege.reason)") { await Privilege.canMount() })
    func aFullDiskLeavesTheDatabaseAsItWas() async throws {
        let run = try await CommandRun.script("full_disk_import.sh", in: folder)
        #expect(run.status == 73, "\(run.errors)")
        #expect(run.errors.contains("small/a.db: cannot be written (database or disk is full)"), "\(run.errors)")
        #expect(run.output.contains("ready, with 0 patients, 0 diagnoses, 0 recommendations and 0 feedback"))
    }

    @Test func aFileThatMayNotGrowLeavesTheDatabaseAsItWas() async throws {
        #expect(try await shell("avicenna import in && avicenna run nightly --as-of 2026-10-19").status == 0)
        let before = try await shell("avicenna results effectiveness --format csv").output
        try folder.write("stages: [effectiveness]\nretry: {attempts: 2, wait: 1s}\n", to: "my-jobs/twice.yaml")
        let run = try await shell("ulimit -f 100; avicenna run twice --as-of 2026-06-01 --jobs my-jobs")
        #expect(run.status == 73)
        let lines = run.errors.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines.first?.hasSuffix("trying again in 1 s") == true, "\(run.errors)")
        #expect(lines[1] == "the published results are those as of 2026-10-19, of run 1", "\(run.errors)")
        #expect(lines.last?.contains("avicenna.db: cannot be written") == true, "\(run.errors)")
        #expect(try await shell("avicenna results effectiveness --format csv").output == before)
    }
}
