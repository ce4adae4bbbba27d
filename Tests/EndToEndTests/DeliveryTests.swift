import Foundation
import Testing
import TestSupport

/// Reports reach those they are meant for, once, and nothing is called delivered that was not.
@Suite(.endToEnd, .timeLimit(.minutes(30))) struct DeliveryTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.addClinic()
        try folder.write("open sesame\n", to: "password")
    }

    func shell(_ script: String) async throws -> CommandRun {
        try await CommandRun.shell(
            script, in: folder, environment: ["AVICENNA_JOBS": folder.path("jobs")])
    }

    /// Writes the settings for a server and the job `nightly`, and imports the clinic.
    func setUp(
        _ server: TestMailServer, _ security: TestMailServer.Security = .none, settings: String = "", job: String
    ) async throws {
        var text = """
            timezone: Asia/Tehran
            mail_server: localhost:\(server.port)
            mail_security: \(security.rawValue)
            mail_from: درمانگاه <reports@clinic.example>
            mail_retry_hours: 0

            """
        if security != .none {
            text += """
                mail_user: \(TestMailServer.user)
                mail_password_file: password
                mail_certificates: cert.pem

                """
        }
        try folder.write(text + settings, to: "avicenna.yaml")
        try folder.write(job, to: "jobs/nightly.yaml")
        let run = try await shell("avicenna import in")
        #expect(run.status == 0, "\(run.errors)")
    }

    /// The rows of the ledger that are mails, without what differs from run to run.
    func ledger() async throws -> [String] {
        try await shell("avicenna deliveries --format csv | tac | grep -v ',folder,' | cut -d, -f4,7,8,9 | sed '$d'")
            .output
            .split(separator: "\n").map(String.init)
    }

    func digest(_ file: String) async throws -> String {
        String(try await shell("sha256sum '\(file)'").output.prefix(64))
    }

    static let oneReport = """
        stages: [effectiveness, trends, reports]
        reports: [effectiveness]
        formats: [pdf]
        retry: {attempts: 2, wait: 1s}

        """

    @Test(arguments: [TestMailServer.Security.starttls, .tls])
    func aReportArrivesInItsLanguageWithItsFiles(security: TestMailServer.Security) async throws {
        let server = try await TestMailServer(security, in: folder)
        try await setUp(
            server, security,
            job: """
                stages: [effectiveness, trends, reports]
                reports: [effectiveness]
                languages: [fa, ar, en]
                delivery:
                  folder: nights
                  mail: {to: [dr@clinic.example, Head <head@clinic.example>], formats: [pdf, xlsx]}
                """)
        let run = try await shell("avicenna run nightly --as-of 2026-10-20")
        #expect(run.status == 0, "\(run.errors)")
        let mails = try await server.mails()
        #expect(
            mails.map { $0["To"] }.sorted()
                == ["Head <head@clinic.example>", "dr@clinic.example"].flatMap { Array(repeating: $0, count: 3) })
        #expect(Set(mails.map { $0["Message-ID"] }).count == 6)
        let subjects = [
            "fa": "اثربخشی گیاهان، ۱۴۰۵/۰۷/۲۸", "ar": "فعالية الأعشاب، ٢٠٢٦/١٠/٢٠",
            "en": "Herb effectiveness, 2026-10-20",
        ]
        for mail in mails {
            let language = mail["Content-Language"]
            #expect(mail.defects.isEmpty)
            #expect(mail["From"] == "درمانگاه <reports@clinic.example>")
            #expect(mail["Subject"] == subjects[language])
            #expect(mail.html.contains("dir=\"\(language == "en" ? "ltr" : "rtl")\""))
            var expected: [String: String] = [:]
            for ending in ["pdf", "xlsx"] {
                let name = "effectiveness-2026-10-20.\(ending)"
                #expect(mail.text.contains(name))
                expected[name] = try await digest("output/nights/\(language)/\(name)")
            }
            #expect(mail.attachments == expected)
        }
        let english = try #require(mails.first { $0["Content-Language"] == "en" })
        #expect(
            english.text.hasPrefix("Herb effectiveness, as of 2026-10-20\n\nCases, last 90 days: "), "\(english.text)")
        #expect(
            try await ledger()
                == Array(
                    ["effectiveness,dr@clinic.example,delivered,1", "effectiveness,head@clinic.example,delivered,1"]
                        .repeated(3)))
        // The password is in no output, and nowhere in the database.
        #expect(
            try await shell(
                "avicenna run nightly --as-of 2026-10-20 --log-format json; avicenna deliveries; avicenna doctor; cat avicenna.db*"
            ).output.contains(TestMailServer.password) == false)
    }

    @Test func nothingIsSentTwice() async throws {
        let server = try await TestMailServer(in: folder)
        try await setUp(server, job: Self.oneReport + "delivery: {mail: {to: [dr@clinic.example]}}")
        #expect(
            try await shell("avicenna run nightly --as-of 2026-10-20 && avicenna run nightly --as-of 2026-10-20").status
                == 0)
        #expect(try await server.mails().count == 1)
        // Another day is another mail.
        #expect(try await shell("avicenna run nightly --as-of 2026-10-21").status == 0)
        #expect(try await server.mails().count == 2)
        #expect(try await shell("avicenna run nightly --as-of 2026-10-19 --no-mail").status == 0)
        #expect(try await ledger().last == "effectiveness,dr@clinic.example,skipped,0")
        let again = try await shell("avicenna deliveries --resend 2")
        #expect(again.output == "dr@clinic.example: Herb effectiveness, 2026-10-20, delivered\n", "\(again.errors)")
        let mails = try await server.mails()
        #expect(mails.count == 3)
        #expect(mails[0].attachments.keys == mails[2].attachments.keys)
        #expect(mails[0].text == mails[2].text)
        // It was asked for, so that no program takes it for the first one.
        #expect(mails[0]["Message-ID"] != mails[2]["Message-ID"])
    }

    @Test func oneFailureHoldsUpNobodyElse() async throws {
        let server = try await TestMailServer(in: folder)
        try await setUp(
            server,
            job: Self.oneReport + """
                delivery: {mail: {to: [nobody@clinic.example, busy@clinic.example, later@clinic.example, dr@clinic.example]}}
                """)
        let run = try await shell("avicenna run nightly --as-of 2026-10-20")
        #expect(run.status == 69)
        #expect(run.output.hasPrefix("nightly as of 2026-10-20, run 1: "))
        let lines = run.errors.split(separator: "\n")
        #expect(lines.count == 2, "\(run.errors)")
        #expect(
            lines.first?.hasSuffix("says '451 4.3.0 the mailbox is busy'; trying again in 1 s") == true, "\(run.errors)"
        )
        #expect(
            lines.last?.hasPrefix(
                "avicenna: nightly: published and wrote its reports, but could not deliver 2 of its mails (nobody@clinic.example: localhost:\(server.port): says '550 5.1.1 there is no such mailbox')"
            ) == true, "\(run.errors)")
        #expect(try await server.mails().map { $0["To"] } == ["dr@clinic.example", "later@clinic.example"])
        #expect(
            try await ledger().sorted() == [
                "effectiveness,busy@clinic.example,failed,2", "effectiveness,dr@clinic.example,delivered,1",
                "effectiveness,later@clinic.example,delivered,2", "effectiveness,nobody@clinic.example,failed,1",
            ])
        let runs = try await shell("avicenna runs --format csv; avicenna runs 1 --format json")
        #expect(runs.output.contains("1,nightly,2026-10-20,manual,undelivered,"), "\(runs.output)")
        #expect(runs.output.contains("could not deliver 2 of its mails"))
        // Published and written it is: the day counts as done.
        #expect(
            try await shell("avicenna results effectiveness --level overall --format csv").output.contains(
                "overall,all,"))
    }

    @Test func allLinesOfARefusalAreKept() async throws {
        let server = try await TestMailServer(in: folder)
        try await setUp(server, job: Self.oneReport + "delivery: {mail: {to: [policy@clinic.example]}}")
        let run = try await shell("avicenna run nightly --as-of 2026-10-20")
        #expect(run.status == 69)
        #expect(
            run.errors.contains("says '550 5.7.1 the mail was refused; see https://mail.example/why'"), "\(run.errors)")
    }

    @Test func longHeadersAreFoldedAndNamesAreKept() async throws {
        let server = try await TestMailServer(in: folder)
        let title = String(repeating: "گزارش اثربخشی گیاهان دارویی ", count: 8)
        #expect(try await shell("cp -r \(Repository.root.path)/reports reports").status == 0)
        try folder.write(
            """
            title: \(title)
            from: effectiveness
            where: {level: herb, window: 90}
            columns: [subject, samples]
            """, to: "reports/long.yaml")
        try await setUp(
            server, settings: "reports: reports\n",
            job: """
                stages: [effectiveness, reports]
                reports: [long]
                formats: [csv]
                delivery: {mail: {to: ['"Karimi, Dr." <dr@درمانگاه.example>']}}
                """)
        let run = try await shell("AVICENNA_REPORTS=reports avicenna run nightly --as-of 2026-10-20")
        #expect(run.status == 0, "\(run.errors)")
        let mail = try #require(try await server.mails().first)
        #expect(mail.defects.isEmpty)
        #expect(mail["To"] == "\"Karimi, Dr.\" <dr@xn--mgbawi4hhi44f.example>")
        #expect(mail["Subject"].hasPrefix(title.trimmingCharacters(in: .whitespaces)), "\(mail["Subject"])")
        let longest = try await shell("sed '/^\\r$/q' mail/*.eml | tr -d '\\r' | grep -v boundary= | wc -L").output
        #expect(try #require(Int(longest.trimmingCharacters(in: .whitespacesAndNewlines))) <= 78)
        // The ledger has no names, but the job has.
        #expect(try await shell("avicenna deliveries --resend 2").status == 0)
        #expect(try await server.mails().last?["To"] == "\"Karimi, Dr.\" <dr@xn--mgbawi4hhi44f.example>")
    }

    @Test func whatMayHaveArrivedIsUnknownAndComesAgainAsTheSame() async throws {
        let server = try await TestMailServer(in: folder)
        try await setUp(server, job: Self.oneReport + "delivery: {mail: {to: [cut@clinic.example]}}")
        #expect(try await shell("avicenna run nightly --as-of 2026-10-20").status == 69)
        #expect(try await ledger() == ["effectiveness,cut@clinic.example,unknown,2"])
        try server.answerEveryone()
        #expect(try await shell("avicenna run nightly --as-of 2026-10-20").status == 0)
        #expect(try await ledger() == ["effectiveness,cut@clinic.example,delivered,3"])
        let mails = try await server.mails()
        #expect(mails.count == 3)
        #expect(Set(mails.map { $0["Message-ID"] }).count == 1)
    }

    @Test func aMailThatIsCutOffByAKillIsUnknown() async throws {
        let server = try await TestMailServer(in: folder)
        try await setUp(
            server,
            job: Self.oneReport
                + "delivery: {mail: {to: [dr@clinic.example, stuck@clinic.example, head@clinic.example]}}")
        let killed = try await shell(
            """
            "$BINARY" run nightly --as-of 2026-10-20 & process=$!
            wait_until test -e mail/stuck; kill -KILL $process; wait $process; echo $?
            """)
        #expect(killed.output == "137\n", "\(killed.errors)")
        #expect(
            try await ledger() == [
                "effectiveness,dr@clinic.example,delivered,1", "effectiveness,stuck@clinic.example,unknown,1",
            ])
        try server.answerEveryone()
        let run = try await shell("avicenna run nightly --as-of 2026-10-20")
        #expect(run.status == 0)
        #expect(
            run.errors == "run 1 of nightly as of 2026-10-20 never ended: it was killed, or the machine went down\n")
        #expect(
            try await ledger()
                == [
                    "dr@clinic.example,delivered,1", "stuck@clinic.example,delivered,2",
                    "head@clinic.example,delivered,1",
                ].map { "effectiveness," + $0 })
        let mails = try await server.mails()
        #expect(mails.map { $0["To"] } == ["dr", "stuck", "stuck", "head"].map { $0 + "@clinic.example" })
        #expect(mails[1]["Message-ID"] == mails[2]["Message-ID"])
    }

    @Test func whereThereIsNothingToSayNobodyIsTold() async throws {
        let server = try await TestMailServer(in: folder)
        try await setUp(server, job: Self.oneReport + "delivery: {mail: {to: [dr@clinic.example]}}")
        #expect(
            try await shell("rm -r avicenna.db* && avicenna init && avicenna run nightly --as-of 2026-10-20").status
                == 0)
        #expect(try await server.mails().isEmpty)
        #expect(try await ledger() == ["effectiveness,dr@clinic.example,skipped,0"])
        // Once there is, the same day's report goes out.
        #expect(try await shell("avicenna import in && avicenna run nightly --as-of 2026-10-20").status == 0)
        #expect(try await server.mails().count == 1)
    }

}

extension Array {
    fileprivate func repeated(_ times: Int) -> [Element] { (0..<times).flatMap { _ in self } }
}
