import Foundation
import TestSupport
import Testing

/// The days that runs are for: read as people write them, refused where they cannot be meant, and the latest stays published.
@Suite(.endToEnd, .timeLimit(.minutes(30))) struct RunDaysTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.addClinic()
        try folder.write("stages: [effectiveness, trends, cohorts, scores]\n", to: "jobs/night.yaml")
    }

    private func shell(_ script: String) async throws -> CommandRun {
        try await CommandRun.shell(script, in: folder, environment: ["AVICENNA_JOBS": folder.path("jobs")])
    }

    private func script(_ name: String) async throws -> CommandRun {
        try await CommandRun.script(name, in: folder, environment: ["AVICENNA_JOBS": folder.path("jobs")])
    }

    // MARK: Reading days

    @Test(
        "reads a Persian day",
        arguments: [
            "--as-of 1405-07-28 --calendar persian", "--as-of 1405-07-28-persian", "--as-of ۱۴۰۵-۰۷-۲۸-persian",
            "--as-of ۱۴۰۵-۰۷-۲۸ --calendar persian", "--as-of ٢٠٢٦-١٠-٢٠", "--as-of 2026-10-20 --calendar persian",
            "--from ۱۴۰۵-۰۷-۲۸-persian --to 1405-07-28-persian",
        ])
    func readsAPersianDay(options: String) async throws {
        let run = try await shell("avicenna import in >/dev/null; avicenna run night \(options)")
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.hasPrefix("night as of 2026-10-20, run 1: "), "\(run.output)")
    }

    @Test func theCalendarIsASetting() async throws {
        let run = try await shell(
            """
            avicenna import in >/dev/null; echo 'calendar: persian' > avicenna.yaml
            avicenna run night --as-of 1405-07-28 && rm avicenna.yaml
            AVICENNA_CALENDAR=persian avicenna report effectiveness --as-of 1405-07-28 --formats csv
            avicenna demo persian --last-day 1405-07-28-persian --feedback 100
            """)
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("night as of 2026-10-20, run 1: "))
        #expect(run.output.contains("output/effectiveness-2026-10-20.csv: "))
        #expect(run.output.contains("100 feedback up to 2026-10-20;"), "\(run.output)")
    }

    @Test(
        "refuses a day that is not of this age",
        arguments: [
            (
                "run night --as-of 1405-08-29",
                "--as-of: 1405-08-29 looks like a Persian date; write it as 1405-08-29-persian"
            ),
            ("run night --from 1405-08-01 --to 2026-10-20", "--from: 1405-08-01 looks like a Persian date"),
            (
                "run night --from 2026-10-01 --to ۱۴۰۵-۰۸-۰۱",
                "--to: ۱۴۰۵-۰۸-۰۱ looks like a Persian date; write it as 1405-08-01-persian"
            ),
            ("run night --as-of 1899-12-31", "--as-of: '1899-12-31' is before 1900"),
            ("run night --as-of 1405-07-31 --calendar persian", "is not a day of the Persian calendar"),
            ("report effectiveness --as-of 1405-08-29", "--as-of: 1405-08-29 looks like a Persian date"),
            ("demo d --last-day 1405-08-29", "--last-day: 1405-08-29 looks like a Persian date"),
        ])
    func refusesADayThatIsNotOfThisAge(command: String, text: String) async throws {
        let run = try await shell(
            "avicenna import in >/dev/null; avicenna run night --as-of 2026-10-20 -q; print_published_days; avicenna \(command) --force"
        )
        let plain = try await shell("avicenna \(command)")
        #expect(plain.status == 64, "\(plain.errors)")
        #expect(plain.errors.contains(text), "\(plain.errors)")
        #expect(plain.errors.split(separator: "\n").count == 1)
        #expect(run.output.hasPrefix("2026-10-20\n"))
        #expect(try await shell("print_published_days").output == "2026-10-20\n")
    }

    // MARK: Days that are not meant

    @Test func aDayBeforeTheFirstRecordNeedsForce() async throws {
        let first = try await shell(
            "avicenna import in >/dev/null; sqlite3 avicenna.db 'SELECT date(min(created_at) / 1000000, \"unixepoch\") FROM diagnoses'"
        ).output.trimmingCharacters(in: .newlines)
        for options in ["--as-of 2019-05-01", "--from 2019-05-01 --to 2019-05-03"] {
            let run = try await shell("avicenna run night \(options)")
            #expect(run.status == 64, "\(run.errors)")
            #expect(
                run.errors
                    == "avicenna: 2019-05-01 is before the first record, which is of \(first); name a later day, or run it with --force\n"
            )
        }
        #expect(try await shell("avicenna runs --format csv | wc -l").output == "1\n")
        #expect(try await shell("avicenna run night --as-of 2019-05-01 --dry-run").status == 64)
        #expect(try await shell("avicenna run night --as-of 2019-05-01 --force").status == 0)
    }

    @Test func moreThanTenYearsNeedForce() async throws {
        let run = try await shell("avicenna import in >/dev/null; avicenna run night --from 2010-01-01 --to 2026-10-20")
        #expect(run.status == 64)
        #expect(
            run.errors
                == "avicenna: --from: from 2010-01-01 to 2026-10-20 are 6137 days; name fewer, or run them all with --force\n"
        )
    }

    @Test func nothingReplacesResultsWithoutForce() async throws {
        let run = try await script("empty_results.sh")
        #expect(
            run.output == "65\n2026-10-20\nrun,status\n2,failed\n1,succeeded\n0\n1\n", "\(run.output)\(run.errors)")
        #expect(
            run.errors.contains(
                "avicenna: there is no feedback up to 2026-10-20, so that nothing would replace the published results of 2026-10-20; they are unchanged;"
            ), "\(run.errors)")
    }

    @Test func cronDoesNotReplaceResultsByNothingEither() async throws {
        let run = try await script("empty_results_by_schedule.sh")
        #expect(run.output == "0\n65\n2026-10-19\n", "\(run.output)\(run.errors)")
    }

    @Test func anEmptyClinicMayPublishNothing() async throws {
        let run = try await shell(
            "avicenna init >/dev/null; avicenna run night --as-of 2026-10-19 -q && avicenna run night --as-of 2026-10-20 -q"
        )
        #expect(run.status == 0, "\(run.errors)")
    }

    // MARK: The latest day stays published

    @Test func afterABackfillTheLatestDayIsPublishedAgain() async throws {
        let run = try await shell(
            """
            avicenna import in >/dev/null; avicenna run night --as-of 2026-10-20 -q; print_results avicenna.db > before
            avicenna run night --from 2026-10-01 --to 2026-10-03
            print_results avicenna.db | cmp - before && print_published_days
            avicenna runs --format csv | tac | cut -d, -f3,5 | sed '$d'
            """)
        #expect(run.status == 0, "\(run.errors)")
        let lines = run.output.split(separator: "\n").map(String.init)
        #expect(lines.prefix(4).map { $0.prefix(30) }.last == "night as of 2026-10-20, run 5: ".prefix(30))
        #expect(
            lines.dropFirst(4) == [
                "2026-10-20", "2026-10-20,succeeded", "2026-10-01,succeeded", "2026-10-02,succeeded",
                "2026-10-03,succeeded", "2026-10-20,succeeded",
            ], "\(run.output)")
        #expect(run.errors.isEmpty, "\(run.errors)")
    }

    @Test func aBackfillUpToALaterDayEndsThere() async throws {
        let run = try await shell(
            """
            avicenna import in >/dev/null; avicenna run night --as-of 2026-10-18 -q
            avicenna run night --from 2026-10-17 --to 2026-10-20 -q; print_published_days; avicenna runs --format csv | wc -l
            """)
        #expect(run.output == "2026-10-20\n6\n", "\(run.errors)")
    }

    @Test func aBackfillWhoseReportsFailGoesBackAsWell() async throws {
        let run = try await script("backfill_without_reports.sh")
        #expect(run.output == "73\n2026-10-20\n", "\(run.errors)")
    }

    @Test func aPastDaySaysHowToGoBack() async throws {
        let command = "avicenna run night --as-of 2026-10-20 --only effectiveness,trends,cohorts,scores"
        let run = try await shell(
            """
            avicenna import in >/dev/null; avicenna run night --as-of 2026-10-20 -q; print_results avicenna.db > before
            avicenna run night --as-of 2026-10-11 >/dev/null; print_published_days
            \(command) >/dev/null; print_results avicenna.db | cmp - before && print_published_days
            """)
        #expect(run.output == "2026-10-11\n2026-10-20\n", "\(run.errors)")
        #expect(
            run.errors
                == "note: the published results are of 2026-10-11 (run 2), and before they were of 2026-10-20 (run 1); go back with '\(command)'\n"
        )
    }

    @Test func aBackfillThatIsKilledSaysWhatIsPublished() async throws {
        let run = try await script("killed_backfill.sh")
        let lines = run.output.split(separator: "\n").map(String.init)
        try #require(lines.count == 4, "\(run.output)\(run.errors)")
        #expect(
            lines[0].wholeMatch(
                of:
                    /the published results are of 2026-(09|10)-\d\d \(run \d+\), and before they were of 2026-10-20 \(run 1\); go back with 'avicenna run night --as-of 2026-10-20 --only effectiveness,trends,cohorts,scores'/
            ) != nil, "\(run.output)")
        #expect(lines[1].contains("and before they were of 2026-10-20"), "\(run.output)")
        #expect(lines[1].contains("avicenna run night --as-of 2026-10-20 --only"), "\(run.output)")
        #expect(lines[2] == lines[0])
        #expect(lines[3] == "2026-10-20")
    }

    // MARK: Schedules

    @Test(
        "says of a schedule that it is never due",
        arguments: ["0 0 30 2 *", "0 0 31 4,6,9,11 *", "۰ ۰ ۳۰ ۲ *"])
    func saysThatAScheduleIsNeverDue(schedule: String) async throws {
        try folder.write("stages: [scores]\nschedule: \"\(schedule)\"\n", to: "jobs/night.yaml")
        let run = try await script("never_due.sh")
        let plain = schedule.hasPrefix("0") ? schedule : "0 0 30 2 *"
        let never = "never due: '\(plain)' names a day that none of its months has"
        #expect(
            run.output == """
                never
                doubtful,job night,never due
                # night: \(never)
                0
                0
                nothing would run: night is \(never)

                """, "\(run.errors)")
        #expect(run.errors.contains("job night is \(never)\n"), "\(run.errors)")
    }

    @Test func theLeapDayIsDue() async throws {
        try folder.write("stages: [scores]\nschedule: \"0 0 29 2 *\"\n", to: "jobs/night.yaml")
        let run = try await shell(
            """
            avicenna init >/dev/null; avicenna jobs --format csv | tail -1 | sed 's/.*,//'
            avicenna crontab | grep -c '^0 0 29 2 [*] .*run night --if-due'
            """)
        #expect(
            run.output.split(separator: "\n").map(String.init) == ["2028-02-29T00:00:00+00:00", "1"], "\(run.errors)")
        #expect(run.errors.isEmpty, "\(run.errors)")
    }

    @Test func oneIsNotSeveral() async throws {
        try folder.write(
            """
            patient_id,mizaj_type
            1,motadel

            """, to: "one/patients.csv")
        try folder.write(
            "diagnosis_id,patient_id,condition,created_at\n1,1,cough,2026-10-01T09:00:00Z\n", to: "one/diagnoses.csv")
        try folder.write(
            "recommendation_id,diagnosis_id,herb,created_at\n1,1,mint,2026-10-01T09:00:00Z\n",
            to: "one/recommendations.csv")
        try folder.write(
            "feedback_id,recommendation_id,rating,created_at\n1,1,5,2026-10-02T09:00:00Z\n", to: "one/feedback.csv")
        try folder.write(
            "stages: [effectiveness, reports]\nreports: [effectiveness]\nformats: [csv]\n", to: "jobs/night.yaml")
        let run = try await shell(
            """
            avicenna import one >/dev/null; avicenna run night --as-of 2026-10-20 -v; avicenna init
            avicenna run night --as-of 2026-10-20; avicenna report effectiveness --formats csv
            """)
        #expect(run.status == 0, "\(run.errors)")
        let text = run.output.replacing(/[0-9a-f]{64}/, with: "")
        #expect(text.contains("read       1 case on 1 recommendation, 1 diagnosis, 1 patient\n"), "\(text)")
        #expect(text.contains("ready, with 1 patient, 1 diagnosis, 1 recommendation and 1 feedback\n"), "\(text)")
        #expect(text.contains("(1 row)") || text.contains("(0 rows)"), "\(text)")
        #expect(text.contains("1 case, 0 rows changed, 0 deltas, 1 file, "), "\(text)")
        #expect(!text.contains(/\b1 (rows|cases|files|deltas|treatments|patients)\b/), "\(text)")
    }
}
