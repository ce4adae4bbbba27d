import Foundation
import TestSupport
import Testing

/// One report that fails keeps no other from being written and mailed, and the run says which failed.
@Suite(.endToEnd, .timeLimit(.minutes(30))) struct ReportFailureTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.addClinic()
        try folder.write(
            """
            stages: [effectiveness, trends, reports]
            reports: [effectiveness, trending, worst-performing]
            formats: [csv, pdf]

            """, to: "jobs/night.yaml")
    }

    private func shell(_ script: String) async throws -> CommandRun {
        try await CommandRun.shell(script, in: folder, environment: ["AVICENNA_JOBS": folder.path("jobs")])
    }

    private func script(_ name: String) async throws -> CommandRun {
        try await CommandRun.script(name, in: folder, environment: ["AVICENNA_JOBS": folder.path("jobs")])
    }

    /// The names of the report files, of those that are files.
    private func files(_ place: String = "output") async throws -> [String] {
        try await shell("cd '\(place)' && find . -maxdepth 1 -type f -printf '%f\\n' | sort").output.split(
            separator: "\n"
        )
        .map(String.init)
    }

    @Test(
        "writes the other reports",
        arguments: [
            // A folder that holds something stands in the place of a file.
            ("mkdir -p output/trending-2026-10-20.pdf/x", 73, "output/trending-2026-10-20.pdf: cannot be written"),
            // Nothing of the stage was ever published.
            (
                "sed -i 's/trends, //' jobs/night.yaml", 66,
                "no results of trends were published yet"
            ),
        ])
    func writesTheOtherReports(fault: String, status: Int32, reason: String) async throws {
        let run = try await shell("avicenna import in >/dev/null; \(fault); avicenna run night --as-of 2026-10-20")
        #expect(run.status == status, "\(run.errors)")
        #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
        #expect(run.errors.hasPrefix("avicenna: night: could not write 1 of its 3 reports: trending (en): "))
        #expect(run.errors.contains(reason), "\(run.errors)")
        #expect(run.errors.hasSuffix("; all else was done, see 'avicenna runs 1'\n"))
        #expect(run.output.contains(", 1 report not written, "), "\(run.output)")
        let written = try await files()
        for name in ["effectiveness", "worst-performing"] {
            for format in ["csv", "pdf"] {
                #expect(written.contains("\(name)-2026-10-20.\(format)"), "\(written)")
            }
        }
        #expect(!written.contains("trending-2026-10-20.pdf"))
        // The publication is whole.
        #expect(
            try await shell("avicenna results effectiveness --level overall --format csv").output.contains(
                "overall,all,"))
        let runs = try await shell(
            "avicenna runs --format csv; avicenna runs 1; avicenna run night --as-of 2026-10-20 -v")
        #expect(runs.output.contains("\n1,night,2026-10-20,manual,incomplete,"), "\(runs.output)")
        #expect(runs.output.contains("status     incomplete"))
        #expect(runs.output.contains("could not write 1 of its 3 reports: trending (en): "))
        #expect(runs.output.contains("report     not written: trending (en): "), "\(runs.output)")
        let ledger = try await shell("avicenna deliveries --format csv")
        #expect(ledger.output.contains(",trending,en,folder,"), "\(ledger.output)")
        #expect(
            ledger.output.split(separator: "\n").contains { $0.contains(",trending,") && $0.contains(",failed,1,") })
        #expect(
            try await shell("avicenna doctor --format csv; avicenna jobs --format csv").output.contains(
                ",incomplete,"), "\(ledger.output)")
    }

    @Test func allFormatsOfAReportAreTried() async throws {
        let run = try await shell(
            """
            avicenna import in >/dev/null; mkdir -p output/trending-2026-10-20.csv/x
            avicenna run night --as-of 2026-10-20
            """)
        #expect(run.status == 73)
        #expect(try await files().contains("trending-2026-10-20.pdf"))
    }

    @Test func severalThatFailAreAllNamed() async throws {
        try folder.write(
            """
            stages: [effectiveness, reports]
            reports: [effectiveness, worst-performing]
            languages: [en, fa]
            formats: [csv]
            """, to: "jobs/night.yaml")
        // Where the Persian files should go there is a file.
        let run = try await shell(
            "avicenna import in >/dev/null; mkdir output; touch output/fa; avicenna run night --as-of 2026-10-20")
        #expect(run.status == 73, "\(run.errors)")
        #expect(run.errors.contains("could not write 2 of its 4 reports: effectiveness (fa): "), "\(run.errors)")
        #expect(run.errors.contains("; worst-performing (fa): "), "\(run.errors)")
        #expect(
            try await files("output/en") == ["effectiveness", "worst-performing"].map { "\($0)-2026-10-20.csv" })
    }

    @Test func whatWasWrittenIsMailedAndTheRestOnceItCanBe() async throws {
        let server = try await TestMailServer(in: folder)
        try folder.write(
            """
            stages: [effectiveness, trends, reports]
            reports: [effectiveness, trending]
            formats: [csv, pdf]
            delivery: {mail: {to: [dr@clinic.example]}}
            on_failure: {mail: [admin@clinic.example]}
            """, to: "jobs/night.yaml")
        try folder.write(
            """
            mail_server: localhost:\(server.port)
            mail_security: none
            mail_from: reports@clinic.example
            """, to: "avicenna.yaml")
        let run = try await shell(
            """
            avicenna import in >/dev/null; mkdir -p output/trending-2026-10-20.pdf/x
            avicenna run night --as-of 2026-10-20
            """)
        #expect(run.status == 73, "\(run.errors)")
        var mails = try await server.mails()
        #expect(mails.map { $0["To"] } == ["dr@clinic.example", "admin@clinic.example"])
        #expect(mails.first?["Subject"] == "Herb effectiveness, 2026-10-20")
        #expect(mails.last?.text.contains("could not write 1 of its 2 reports: trending (en): ") == true)
        #expect(mails.last?.text.contains("The published results are still those of 2026-10-20.") == true)

        let again = try await shell("rm -r output/trending-2026-10-20.pdf; avicenna run night --as-of 2026-10-20")
        #expect(again.status == 0, "\(again.errors)")
        mails = try await server.mails()
        #expect(mails.count == 3)
        #expect(mails.last?.attachments.count == 2)
        #expect(try await shell("avicenna runs --format csv").output.contains("\n2,night,2026-10-20,manual,succeeded,"))
    }

    @Test func itIsTriedAgainAsTheJobSays() async throws {
        let run = try await script("retried_report.sh")
        #expect(run.output == "0\nrun,status\n2,succeeded\n1,incomplete\n", "\(run.errors)")
        #expect(try await files().count == 6)
    }

    /// A day whose reports are missing is not done, so that the next night makes up for it.
    @Test func aNightWithAReportMissingIsMadeUpFor() async throws {
        let run = try await script("missed_report.sh")
        #expect(
            run.output == """
                0
                73
                0
                run,as_of,status
                4,2026-10-20,succeeded
                3,2026-10-19,succeeded
                2,2026-10-19,incomplete
                1,2026-10-18,succeeded

                """, "\(run.errors)")
    }

    @Test(
        "a link that leads out of the folder of reports is not followed",
        arguments: [
            "mkdir -p output; ln -s \"$PWD/elsewhere\" output/nights",
            "mkdir -p output; ln -s ../elsewhere output/nights",
            "mkdir -p output/nights; ln -s ../../elsewhere output/nights/fa",
            "mkdir -p output; ln -s ../nowhere output/nights",
        ])
    func aLinkThatLeadsOutIsNotFollowed(plant: String) async throws {
        try folder.write(
            """
            stages: [effectiveness, reports]
            reports: [effectiveness]
            languages: [fa, en]
            formats: [csv]
            delivery: {folder: nights, keep: 1}
            """, to: "jobs/night.yaml")
        let run = try await shell(
            """
            avicenna import in >/dev/null; mkdir elsewhere; touch elsewhere/effectiveness-2020-01-01.csv
            \(plant); avicenna run night --as-of 2026-10-20
            """)
        #expect(run.status == 73, "\(run.errors)")
        #expect(run.errors.contains("leads out of output by a symbolic link"), "\(run.errors)")
        #expect(try await files("elsewhere") == ["effectiveness-2020-01-01.csv"])
        #expect(!FileManager.default.fileExists(atPath: folder.path("nowhere")))
    }

    @Test func linksThatStayInsideAreFollowed() async throws {
        try folder.write(
            "stages: [effectiveness, reports]\nreports: [effectiveness]\nformats: [csv]\ndelivery: {folder: nights}\n",
            to: "jobs/night.yaml")
        let run = try await shell(
            """
            avicenna import in >/dev/null; mkdir -p real/kept; ln -s real output; ln -s kept output/nights
            avicenna run night --as-of 2026-10-20
            """)
        #expect(run.status == 0, "\(run.errors)")
        #expect(try await files("real/kept") == ["effectiveness-2026-10-20.csv"])
    }

    @Test func aFolderOutsideIsAWrongDefinition() async throws {
        try folder.write(
            "stages: [reports]\nreports: [effectiveness]\ndelivery: {folder: ../../x}\n", to: "jobs/night.yaml")
        let run = try await shell("avicenna init >/dev/null; avicenna run night")
        #expect(run.status == 78)
        #expect(
            run.errors
                == "avicenna: \(folder.path("jobs"))/night.yaml:3: delivery.folder: is '../../x', but reports stay below 'output'; name a folder in it such as nights, or set 'output' to another place\n"
        )
    }
}
