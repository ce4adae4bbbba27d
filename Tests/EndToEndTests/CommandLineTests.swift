import Foundation
import Testing
import TestSupport

/// The binary as an operator meets it: one clear line and the right exit code.
@Suite(.endToEnd, .timeLimit(.minutes(30))) struct CommandLineTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.addClinic()
    }

    func shell(_ script: String) async throws -> CommandRun {
        try await CommandRun.shell(script, in: folder)
    }

    func expectFailure(_ run: CommandRun, status: Int32, _ text: String) {
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

}
