import Configuration
import Domain
import Reports
import Testing
import TestSupport

@testable import Pipeline

@Suite(.timeLimit(.minutes(30))) struct JobDefinitionTests {
    private func job(_ yaml: String) throws -> JobDefinition {
        try JobDefinition(Definition(text: yaml, file: "j.yaml"), name: "j")
    }

    @Test func readsEveryKey() throws {
        let job = try job(
            """
            schedule: "15 2 * * *"
            stages: [reports, effectiveness]
            reports: [effectiveness]
            formats: [pdf]
            languages: [fa, en]
            catch_up: 5
            retry: {attempts: 3, wait: 30s}
            timeout: 2h
            as_of: today
            delivery:
              folder: nights
              keep: 90d
              mail: {to: [dr@clinic.example, Head of Clinic <head@clinic.example>], formats: [pdf]}
            on_failure: {mail: [admin@clinic.example]}
            """)
        #expect(job.schedule?.hours == [2])
        #expect(job.stages == [.effectiveness, .reports])
        #expect(job.reports == ["effectiveness"])
        #expect(job.formats == [.pdf])
        #expect(job.languages == [.persian, .english])
        #expect(job.catchUp == 5)
        #expect(job.retry == JobDefinition.Retry(attempts: 3, wait: .seconds(30)))
        #expect(job.timeout == .seconds(7200))
        #expect(job.runsAsOf == .today)
        #expect(job.delivery.folder == "nights")
        #expect(job.delivery.keep == .days(90))
        #expect(job.delivery.recipients.map(\.address) == ["dr@clinic.example", "head@clinic.example"])
        #expect(job.delivery.mailFormats == [.pdf])
        #expect(job.toldOfFailure.map(\.address) == ["admin@clinic.example"])
    }

    @Test("reads numbers in the digits of three scripts", arguments: [("3", "30"), ("۳", "۳۰"), ("٣", "٣٠")])
    func readsNumbersInThreeScripts(digit: String, number: String) throws {
        let job = try job(
            """
            schedule: "\(number) \(digit) * * *"
            stages: [reports]
            reports: [effectiveness]
            catch_up: \(digit)
            retry: {attempts: \(digit), wait: \(number)s}
            timeout: \(digit)h
            delivery: {keep: \(number)d}
            """)
        #expect(job.schedule?.description == "30 3 * * *")
        #expect(job.schedule?.minutes == [30])
        #expect(job.catchUp == 3)
        #expect(job.retry == JobDefinition.Retry(attempts: 3, wait: .seconds(30)))
        #expect(job.timeout == .seconds(3 * 3600))
        #expect(job.delivery.keep == .days(30))
    }

    @Test(
        "refuses a folder of reports that is not below 'output'",
        arguments: ["../../x", "..", "nights/../../x", "nights/..", "/srv/reports", "/", ""])
    func refusesAFolderOutsideOfOutput(folder: String) {
        let error = #expect(throws: DefinitionError.self) {
            try job("stages: [reports]\nreports: [x]\ndelivery:\n  folder: \"\(folder)\"")
        }
        #expect(error?.description.hasPrefix("j.yaml:4: delivery.folder: ") == true, "\(error?.description ?? "")")
        #expect(error?.status == .configuration)
    }

    @Test(arguments: ["nights", "nights/fa", "..nights", "nights..", "./nights", "گزارش‌ها"])
    func takesAFolderBelowOutput(folder: String) throws {
        let job = try job("stages: [reports]\nreports: [x]\ndelivery: {folder: \"\(folder)\"}")
        #expect(job.delivery.folder == folder)
    }

    @Test(
        arguments: [
            ("stages: [effectivness]", "j.yaml:1: stages: has no 'effectivness'; did you mean 'effectiveness'?"),
            ("stage: [scores]", "stage: is no known key; did you mean 'stages'?"),
            ("timeout: 2h", "stages: is missing"),
            ("stages: [scores]\ntimeout: 2 hours", "j.yaml:2: timeout: is '2 hours', but must be a span of time"),
            ("stages: [scores]\nschedule: 61 2 * * *", "j.yaml:2: schedule: '61 2 * * *' is no cron schedule"),
            ("stages: [scores]\ncatch_up: -1", "j.yaml:2: catch_up: is '-1'"),
            ("stages: [scores]\nretry: {attempts: 0}", "retry.attempts: is '0'"),
            ("stages: [scores]\nretry: {tries: 2}", "retry.tries: is no known key"),
            ("stages: [scores]\nformats: [pdf]", "j.yaml:2: formats: is given, but there are no 'reports'"),
            ("stages: [reports]\nreports: [x]\nlanguages: [de]", "j.yaml:3: languages: has no 'de'"),
            ("stages: [scores]\nas_of: tomorrow", "as_of: has no 'tomorrow'; known: today, yesterday"),
            ("stages: [scores]\ndelivery: {folder: x}", "j.yaml:2: delivery: is given, but there are no 'reports'"),
            (
                "stages: [reports]\nreports: [x]\ndelivery:\n  keep: 3w",
                "j.yaml:4: delivery.keep: is '3w', but must be a number of files such as 30, or of days such as 90d"
            ),
            ("stages: [reports]\nreports: [x]\ndelivery: {mail: {}}", "delivery.mail.to: is missing"),
            (
                "stages: [reports]\nreports: [x]\ndelivery:\n  mail:\n    to:\n    - a@b.c\n    - dr karimi",
                "j.yaml:7: delivery.mail.to: has 'dr karimi', but must have an address"
            ),
            (
                "stages: [scores]\non_failure: {mail: [a@b.c, A <a@b.c>]}",
                "on_failure.mail: has 'a@b.c' twice; keep one of them"
            ),
            ("stages: [scores]\non_failure: {sms: x}", "on_failure.sms: is no known key"),
            ("stages: [scores]\nreports: [x]", "reports: are listed, but the stages lack 'reports'"),
        ])
    func namesWhatIsWrong(yaml: String, expected: String) {
        let error = #expect(throws: DefinitionError.self) { try job(yaml) }
        #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
    }

    @Test func everyShippedJobIsSound() throws {
        let folder = Repository.root.appending(path: "jobs")
        let jobs = try JobDefinition.all(in: folder)
        #expect(jobs.map(\.name) == ["feedback", "hourly-refresh", "monthly-clinic", "nightly", "weekly-reports"])
        #expect(try JobDefinition(named: "nightly", in: folder).stages == Stage.allCases)
        let reports = Repository.root.appending(path: "reports")
        for job in jobs {
            #expect((job.schedule != nil) == (job.name != "feedback"))
            for report in job.reports { _ = try ReportDefinition(named: report, in: reports) }
        }
        let error = #expect(throws: DefinitionError.self) { try JobDefinition(named: "nightli", in: folder) }
        #expect(error?.description.contains("did you mean 'nightly'?") == true)
    }
}
