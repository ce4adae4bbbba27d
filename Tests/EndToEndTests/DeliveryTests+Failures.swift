import Foundation
import Testing
import TestSupport

/// Files that are not mailed, and failures of which somebody hears.
extension DeliveryTests {
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
