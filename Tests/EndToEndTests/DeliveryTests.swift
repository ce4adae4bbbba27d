import Foundation
import Testing
import TestSupport

/// Reports reach those they are meant for, once, and nothing is called delivered that was not.
@Suite(.endToEnd, .timeLimit(.minutes(30))) struct DeliveryTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.addClinic()
        try folder.write("open sesame\n", to: "password")
    }

    private func shell(_ script: String) async throws -> CommandRun {
        try await CommandRun.shell(
            script, in: folder, environment: ["AVICENNA_JOBS": folder.path("jobs")])
    }

    /// Writes the settings for a server and the job `nightly`, and imports the clinic.
    private func setUp(
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
    private func ledger() async throws -> [String] {
        try await shell("avicenna deliveries --format csv | tac | grep -v ',folder,' | cut -d, -f4,7,8,9 | sed '$d'")
            .output
            .split(separator: "\n").map(String.init)
    }

    private func digest(_ file: String) async throws -> String {
        String(try await shell("sha256sum '\(file)'").output.prefix(64))
    }

    private static let oneReport = """
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

    @Test func filesThatAreTooLargeAreNamed() async throws {
        let server = try await TestMailServer(in: folder)
        try await setUp(
            server, settings: "mail_limit: 0\nlanguage: fa\n",
            job: Self.oneReport + "delivery: {mail: {to: [dr@clinic.example]}}")
        #expect(try await shell("avicenna run nightly --as-of 2026-10-20").status == 0)
        let mail = try #require(try await server.mails().first)
        #expect(mail.attachments.isEmpty)
        #expect(
            mail.text.contains(
                "\n" + folder.url.resolvingSymlinksInPath().appending(path: "output/effectiveness-2026-10-20.pdf").path
                    + "\n"), "\(mail.text)")
        #expect(mail.text.contains("برای فرستادن با رایانامه بزرگ‌اند"))
    }

    @Test func oldFilesGoAndOthersStay() async throws {
        try folder.write(Self.oneReport + "delivery: {folder: nights, keep: 3}", to: "jobs/few.yaml")
        try folder.write(Self.oneReport + "delivery: {folder: days, keep: 4d}", to: "jobs/days.yaml")
        for name in [
            "mine.pdf", "effectiveness-2026-10-01.txt", "trending-2026-10-01.pdf", "effectiveness-notes-2026-10-01.pdf",
        ] {
            try folder.write("", to: "output/nights/\(name)")
        }
        let run = try await shell(
            """
            avicenna import in >/dev/null
            for day in 2026-10-18 2026-10-10 2026-10-14 2026-10-16 2026-10-20 2026-10-12; do
                avicenna run few --as-of $day -q && avicenna run days --as-of $day -q || exit 1
            done
            ls output/nights; ls output/days
            """)
        #expect(
            run.output.split(separator: "\n") == [
                // The one that was just written is kept where it is among the newest, not because it is the last.
                "effectiveness-2026-10-01.txt", "effectiveness-2026-10-16.pdf", "effectiveness-2026-10-18.pdf",
                "effectiveness-2026-10-20.pdf", "effectiveness-notes-2026-10-01.pdf", "mine.pdf",
                "trending-2026-10-01.pdf",
                "effectiveness-2026-10-18.pdf", "effectiveness-2026-10-20.pdf",
            ], "\(run.errors)")
    }

    @Test func aFailureIsToldOncePerNight() async throws {
        let server = try await TestMailServer(in: folder)
        try await setUp(server, job: "stages: [effectiveness]")
        #expect(try await shell("avicenna run nightly --as-of 2026-10-19").status == 0)
        try folder.write(
            "stages: [reports]\nreports: [nonesuch]\non_failure: {mail: [admin@clinic.example]}\n",
            to: "jobs/nightly.yaml")
        let run = try await shell("avicenna run nightly --as-of 2026-10-20; avicenna run nightly --as-of 2026-10-20")
        #expect(run.status == 78)
        let mails = try await server.mails()
        #expect(mails.map { $0["Subject"] } == ["nightly failed, 2026-10-20"])
        #expect(mails.first?.text.contains("nonesuch: is no report here;") == true, "\(mails)")
        #expect(mails.first?.text.contains("The published results are still those of 2026-10-19.") == true)
        #expect(
            try await shell("avicenna deliveries --format csv").output.contains(
                ",alert,admin@clinic.example,delivered,"))
    }

    @Test func whoIsToldOfFailuresIsToldOfMailsThatFailed() async throws {
        let server = try await TestMailServer(in: folder)
        try await setUp(
            server,
            job: Self.oneReport + """
                delivery: {mail: {to: [nobody@clinic.example, dr@clinic.example]}}
                on_failure: {mail: [admin@clinic.example]}
                """)
        #expect(try await shell("avicenna run nightly --as-of 2026-10-20").status == 69)
        let mails = try await server.mails()
        #expect(mails.map { $0["To"] } == ["dr@clinic.example", "admin@clinic.example"])
        #expect(mails.last?.text.contains("could not deliver 1 of its mails (nobody@clinic.example: ") == true)
    }

    @Test func aFullDiskIsTold() async throws {
        let server = try await TestMailServer(in: folder)
        try await setUp(server, job: "stages: [effectiveness]\non_failure: {mail: [admin@clinic.example]}")
        let run = try await shell("ulimit -f 100; avicenna run nightly --as-of 2026-10-20")
        #expect(run.status == 73, "\(run.errors)")
        #expect(try await server.mails().first?.text.contains("avicenna.db: cannot be written") == true)
    }

    @Test func ofMissedNightsOnlyTheLastIsMailed() async throws {
        let server = try await TestMailServer(in: folder)
        try await setUp(server, job: Self.oneReport + "delivery: {mail: {to: [dr@clinic.example]}}")
        #expect(try await shell("avicenna run nightly --from 2026-10-18 --to 2026-10-20").status == 0)
        #expect(try await server.mails().map { $0["Subject"] } == ["Herb effectiveness, 2026-10-20"])
        #expect(
            try await ledger()
                == ["skipped,0", "skipped,0", "delivered,1"].map { "effectiveness,dr@clinic.example," + $0 })
        // What was left out can be asked for.
        #expect(try await shell("avicenna deliveries --resend 2").status == 0)
        #expect(try await server.mails().last?["Subject"] == "Herb effectiveness, 2026-10-18")
    }

    @Test func whoIsNotWhoHeSaysGetsNothing() async throws {
        let server = try await TestMailServer(.starttls, in: folder)
        try await setUp(server, .starttls, job: Self.oneReport + "delivery: {mail: {to: [dr@clinic.example]}}")
        let stranger = try await shell(
            "AVICENNA_MAIL_CERTIFICATES=/etc/ssl/certs/ca-certificates.crt avicenna run nightly --as-of 2026-10-20")
        #expect(stranger.status == 69)
        #expect(stranger.errors.contains("certificate"), "\(stranger.errors)")
        let thief = try await shell(
            "echo guess > wrong; AVICENNA_MAIL_PASSWORD_FILE=wrong avicenna run nightly --as-of 2026-10-20")
        #expect(thief.status == 69)
        #expect(thief.errors.contains("535 5.7.8"), "\(thief.errors)")
        #expect(!thief.errors.contains("guess"))
        #expect(try await server.mails().isEmpty)
        let doctor = try await shell(
            "echo guess > wrong; AVICENNA_MAIL_PASSWORD_FILE=wrong avicenna doctor --format csv; chmod 600 password; avicenna doctor --format csv | grep ',mail,'"
        )
        #expect(doctor.output.contains("bad,mail,localhost:\(server.port): says '535"), "\(doctor.output)")
        #expect(doctor.output.contains("doubtful,rights,"))
        #expect(doctor.output.hasSuffix("good,mail,localhost:\(server.port) lets us in,\n"), "\(doctor.output)")
    }

    @Test func aServerWithoutSafetyIsRefused() async throws {
        let server = try await TestMailServer(in: folder)
        try await setUp(server, job: Self.oneReport + "delivery: {mail: {to: [dr@clinic.example]}}")
        let run = try await shell("AVICENNA_MAIL_SECURITY=starttls avicenna run nightly --as-of 2026-10-20")
        #expect(run.status == 69)
        #expect(try await server.mails().isEmpty)
        #expect(
            try await shell("AVICENNA_MAIL_SERVER=localhost:1 avicenna run nightly --as-of 2026-10-20").errors.contains(
                "couldn't connect to server"))
    }
}

extension Array {
    fileprivate func repeated(_ times: Int) -> [Element] { (0..<times).flatMap { _ in self } }
}
