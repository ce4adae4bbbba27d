import Foundation
import TestSupport
import Testing

/// Releases by the command line: listed, imported, checked, and never drawn twice whatever happens to the process or the disk.
@Suite(.endToEnd, .timeLimit(.minutes(30))) struct ReleasesCommandTests {
    private let folder: TemporaryFolder

    /// A clinic whose releases begin with May 2026. With ε = 10, 4 patients make a subject public.
    init() async throws {
        folder = try TemporaryFolder()
        try folder.addClinic()
        try folder.write("public_epsilon: 10\npublic_from: 2026-05\npublic_minimum: 11\n", to: "avicenna.yaml")
        try folder.write("stages: [effectiveness, trends, cohorts, scores]\n", to: "jobs/night.yaml")
        #expect(try await shell("avicenna import in").status == 0)
    }

    private func shell(_ script: String) async throws -> CommandRun {
        try await CommandRun.shell(script, in: folder, environment: ["AVICENNA_JOBS": folder.path("jobs")])
    }

    private func script(_ name: String) async throws -> CommandRun {
        try await CommandRun.script(name, in: folder, environment: ["AVICENNA_JOBS": folder.path("jobs")])
    }

    private func ledger() throws -> String { try folder.read("avicenna.db.released") }

    @Test("months are listed with their state, and those of a lost ledger come back by an import")
    func listAndImport() async throws {
        #expect(try await shell("avicenna releases list --format csv").output == Self.header)
        #expect(try await shell("avicenna run night --as-of 2026-08-10 -q").status == 0)
        let list = try await shell("avicenna releases list --format csv").output.split(separator: "\n").map(String.init)
        #expect(list.count == 4)
        #expect(list.dropFirst().map { $0.prefix(7) } == ["2026-05", "2026-06", "2026-07"])
        #expect(list.dropFirst().allSatisfy { $0.contains(",10,") && $0.hasSuffix(",shown") }, "\(list)")
        #expect(try await shell("stat -c %a avicenna.db.released").output == "600\n")
        #expect(try await shell("avicenna releases --format json").output.contains(#""state": "shown""#))

        let lost = try await shell(
            """
            cp avicenna.db.released copy; rm avicenna.db.released; avicenna run night --as-of 2026-09-10 -q
            avicenna releases list --format csv | cut -d, -f1,6; avicenna doctor --format csv --jobs jobs; echo $?
            """)
        #expect(
            lost.output.contains(
                "\n2026-06,withheld: the ledger lacks it; import it with 'avicenna releases import FILE'\n"))
        #expect(lost.output.contains("\n2026-08,shown\n"), "\(lost.output)")
        #expect(lost.output.contains("bad,releases,"), "\(lost.output)")
        #expect(
            lost.output.contains("the ledger is older than the database; 3 months from 2026-05 to 2026-07 are withheld")
        )
        #expect(lost.output.hasSuffix("\n69\n"))

        let found = try await shell(
            "avicenna releases import copy; avicenna releases import copy; avicenna releases --format csv")
        #expect(found.output.contains(": 3 months imported, 2026-05 to 2026-07\n"), "\(found.output)\(found.errors)")
        #expect(found.output.contains(": 0 months imported\n"))
        #expect(found.output.components(separatedBy: ",shown").count == 5)
        #expect(try await shell("avicenna doctor --format csv --jobs jobs").status == 0)
    }

    private static let header = "month,released_at,epsilon,subjects,new_subjects,state\n"

    @Test(
        "an import that does not fit is refused as a whole",
        arguments: [
            ("sed -i 's/^timezone.*/timezone\\tAsia\\/Tehran/' other", 65, "counts months in Asia/Tehran"),
            ("sed -i '0,/cell\\toverall\\t/s//cell\\toverall\\t9/' other", 65, "have the digest"),
            ("echo text > other", 78, "is not a ledger of released figures"), ("rm other", 66, "is not there"),
            // As another clinic would have drawn them.
            (
                """
                rm -f b.db*; avicenna import in --database b.db >/dev/null
                AVICENNA_PUBLIC_EPSILON=0.1 avicenna run night --as-of 2026-08-10 -q --database b.db; cp b.db.released other
                """, 65, "month 2026-05 has other figures than"
            ),
        ])
    func refusedImports(change: String, status: Int32, reason: String) async throws {
        let run = try await shell(
            """
            avicenna run night --as-of 2026-08-10 -q; cp avicenna.db.released other
            { head -3 avicenna.db.released; } > short; mv short avicenna.db.released
            \(change); avicenna releases import other
            """)
        #expect(run.status == status, "\(run.output)\(run.errors)")
        #expect(run.errors.contains(reason) && run.errors.split(separator: "\n").count == 1, "\(run.errors)")
        #expect(try ledger().split(separator: "\n").count == 3)
    }

    @Test(
        "the doctor says what to mend",
        arguments: [
            (
                "chmod 640 avicenna.db.released", 0, "doubtful,releases,",
                "wider permissions than it should (640),chmod 600 "
            ),
            ("echo x >> avicenna.db.released", 69, "bad,releases,", "the ledger is damaged"),
            ("rm avicenna.db.released", 69, "bad,releases,", "the ledger is missing; 3 months from 2026-05 to 2026-07"),
            (
                "sed -i 's/2026-05/2026-04/' avicenna.yaml", 0, "doubtful,releases,",
                "'public_from' is 2026-04, and does not count: releases were set up from 2026-05 on"
            ),
            ("echo 'timezone: Asia/Tehran' >> avicenna.yaml", 0, "doubtful,releases,", "months are released in UTC"),
            ("echo 'public_names: n.yaml' >> avicenna.yaml", 69, "bad,public names,", "n.yaml: is not there"),
            ("true", 0, "good,releases,", "released until 2026-07"),
            ("true", 0, "good,public figures,", "patients a month: last month ±"),
            (
                "echo 'public_minimum: 100000' > avicenna.yaml", 0, "good,public figures,",
                "nothing can be shown at that size"
            ),
        ])
    func doctor(change: String, status: Int32, beginning: String, text: String) async throws {
        let run = try await shell(
            "avicenna run night --as-of 2026-08-10 -q; \(change); avicenna doctor --format csv --jobs jobs")
        #expect(run.status == status, "\(run.output)\(run.errors)")
        let lines = run.output.split(separator: "\n").filter { $0.hasPrefix(beginning) }
        #expect(lines.contains { $0.contains(text) }, "\(run.output)")
    }

    @Test(
        "a release that fails ends the run incomplete with the code of the error, and the next run makes up for it",
        arguments: [
            ("mkdir avicenna.db.released", "rmdir avicenna.db.released", 78),
            ("export AVICENNA_RELEASE_LEDGER=nowhere/ledger", "mkdir nowhere", 73),
            ("printf 'avicenna released figures\\t1\\nx\\n' > avicenna.db.released", "rm avicenna.db.released", 65),
            ("echo notes > avicenna.db.released", "rm avicenna.db.released", 78),
        ])
    func failedRelease(fault: String, mend: String, status: Int32) async throws {
        let run = try await shell(
            """
            \(fault); avicenna run night --as-of 2026-08-10; echo $?; avicenna runs --format csv | cut -d, -f5
            avicenna results effectiveness --level overall --window all --format csv | wc -l
            \(mend); avicenna run night --as-of 2026-08-10 -q; echo $?; avicenna releases list --format csv | wc -l
            """)
        #expect(run.output.contains("\n\(status)\nstatus\nincomplete\n2\n0\n4\n"), "\(run.output)\(run.errors)")
        #expect(
            run.errors.hasPrefix("avicenna: night: published, but could not release figures to anybody: "),
            "\(run.errors)")
        #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
    }

    @Test(
        "a full disk leaves a ledger that is read, and is completed later",
        .enabled("\(Privilege.reason)") { await Privilege.canMount() })
    func fullDisk() async throws {
        let run = try await script("full_disk_releases.sh")
        #expect(run.output == "0\n73\n0\n5\n", "\(run.output)\(run.errors)")
        #expect(try folder.read("errors").contains("No space left on device"))
        let listed = try folder.read("listed").split(separator: "\n")
        #expect((1...4).contains(listed.count) && listed.allSatisfy { $0.hasSuffix(",shown") }, "\(listed)")
    }

    @Test("processes that share a ledger draw each month once")
    func processes() async throws {
        let run = try await script("shared_ledger.sh")
        #expect(run.output == "4\n4\n", "\(run.output)\(run.errors)")
    }

    @Test("a run that is killed while it releases loses and repeats nothing")
    func killed() async throws {
        let binary = try Repository.binary.path
        let arguments = ["run", "night", "--log-format", "json", "--as-of"]
        var kills = 0
        var before = ""
        // Each run has a further month to release, and is killed a little later.
        for (number, asOf) in ["2026-06-08", "2026-07-08", "2026-08-08", "2026-09-08", "2026-10-08"].enumerated() {
            let process = try await CommandRun.start(
                binary, arguments + [asOf], in: folder, environment: ["AVICENNA_JOBS": folder.path("jobs")])
            try await process.wait { try folder.read(".stderr").contains("\"message\":\"release began\"") }
            try await Task.sleep(for: .milliseconds(2 * number))
            if case .signal = try await process.end(with: SIGKILL) { kills += 1 }
            let list = try await shell("avicenna releases list --format csv")
            #expect(list.status == 0 && !list.output.contains("withheld"), "\(list.errors)")
            let run = try await shell(
                "avicenna run night --as-of \(asOf) -q; sqlite3 avicenna.db 'SELECT digest FROM releases'")
            #expect(run.status == 0, "\(run.errors)")
            let now = try ledger()
            #expect(now.hasPrefix(before))
            #expect(run.output.split(separator: "\n").allSatisfy { now.contains("\t\($0)\n") })
            #expect(now.components(separatedBy: "\nmonth\t").count - 1 == number + 1)
            before = now
        }
        #expect(kills > 0)
    }

    @Test("backups neither have the ledger nor replace it, and a restore leaves it alone")
    func backups() async throws {
        let run = try await shell(
            """
            avicenna run night --as-of 2026-08-10 -q; cp avicenna.db.released before
            avicenna backup kept >/dev/null; strings kept | grep -c 'avicenna released figures'
            avicenna backup avicenna.db.released --force; echo $?; avicenna backup before --force; echo $?
            avicenna restore kept --force; avicenna prune --keep 1 >/dev/null; cmp avicenna.db.released before && echo same
            """)
        #expect(run.output.hasPrefix("0\n64\n73\n"), "\(run.output)\(run.errors)")
        #expect(run.output.hasSuffix("same\n"), "\(run.output)\(run.errors)")
        #expect(run.errors.contains("before: cannot be written: it is a ledger of released figures; name another file"))
    }

    @Test("anybody sees released figures over HTTP, staff what they saw before")
    func served() async throws {
        let clinic = try await ServedClinic(
            settings: "rate_limit: 0\npublic_epsilon: 10\npublic_from: 2026-05\npublic_minimum: 11\n")
        #expect(try await clinic.shell("avicenna run nightly --as-of 2026-10-20 -q --no-mail").status == 0)
        let server = try await ServerProcess(in: clinic.folder, command: "serve")
        func ask(_ path: String, _ token: String? = nil) async throws -> HTTPExchange {
            try await HTTPExchange("GET", path, port: server.port, token: token)
        }
        let (patient, staff) = (try await clinic.token("--patient 7"), try await clinic.token("--clinician"))
        for path in [
            "/api/feedback/statistics", "/api/analytics/worst-performing?window=all", "/api/analytics/trending",
            "/api/analytics/herb/unknown", "/api/analytics/status",
        ] {
            #expect(try await ask(path).body == ask(path, patient).body, "\(path)")
        }
        let overall = try await ask("/api/feedback/statistics")
        #expect(overall.value("released_until", as: String.self) == "2026-09")
        #expect(try #require(overall.value("figures", "windows", "all", "patients", as: Int.self)) > 100)
        #expect(overall.value("exact", as: Bool.self) == false)
        #expect(try await ask("/api/analytics/trending").value("withheld", as: Bool.self) == true)
        let names = try #require(
            await ask("/api/analytics/worst-performing?level=herb&window=all").value(
                "subjects", as: [[String: Any]].self))
        let sorted = names.compactMap { $0["subject"] as? String }
        #expect(!sorted.isEmpty && sorted == sorted.sorted())
        let herb = try #require(sorted.first?.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
        #expect(try await ask("/api/analytics/herb/\(herb)").value("figures", "level", as: String.self) == "herb")
        #expect(try await ask("/api/analytics/herb/\(herb)", staff).value("exact", as: Bool.self) == true)

        for path in [
            "/api/feedback/status", "/api/analytics/status", "/api/predictions/health",
            "/api/predictions/model/version",
        ] {
            let (open, exact) = (try await ask(path), try await ask(path, staff))
            #expect(open.body.contains(#""as_of":null,"computed_at":null,"run_id":null"#), "\(open.body)")
            #expect(exact.value("as_of", as: String.self) != nil && exact.value("run_id", as: Int.self) != nil)
            for answer in [open, exact] { #expect(answer.value("released_until", as: String.self) == "2026-09") }
        }
        // A ledger that is gone withholds everything, without a restart.
        #expect(try await clinic.shell("mv avicenna.db.released away").status == 0)
        #expect(try await ask("/api/feedback/statistics").body == ask("/api/analytics/herb/unknown").body)
        #expect(try await clinic.shell("mv away avicenna.db.released").status == 0)
        #expect(try await ask("/api/feedback/statistics").body == overall.body)
    }
}
