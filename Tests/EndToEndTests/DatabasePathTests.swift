import Foundation
import TestSupport
import Testing

/// One lock, one signal and one log of each database, whatever path leads to it.
@Suite(.endToEnd, .timeLimit(.minutes(30))) struct DatabasePathTests {
    private let folder: TemporaryFolder

    init() async throws {
        folder = try TemporaryFolder()
        try folder.addClinic()
        let run = try await shell(
            "mkdir data away; ln -s ../data/clinic.db away/link.db; ln -s data there; avicenna import in --database away/link.db"
        )
        try #require(run.status == 0, "\(run.errors)")
    }

    private func shell(_ script: String) async throws -> CommandRun {
        try await CommandRun.shell(script, in: folder)
    }

    @Test("a database made through a link is private and has its files beside it")
    func filesBesideTheDatabase() async throws {
        let run = try await shell("ls away data; stat -c %a data/clinic.db")
        #expect(run.output == "away:\nlink.db\n\ndata:\nclinic.db\nclinic.db.lock\n600\n")
    }

    private static let paths = [
        "data/clinic.db", "./data/../data/clinic.db", "away/link.db", "there/clinic.db", "sqlite:away/link.db",
        "sqlite://$PWD/away/link.db",
    ]

    @Test("a run sees the lock of another, whatever path it was given", arguments: paths)
    func oneLock(path: String) async throws {
        let run = try await CommandRun.script(
            "locked_database.sh", path.replacing("$PWD", with: folder.url.path), in: folder)
        #expect(
            run.output == "75\n75\n75\n1\naway:\nlink.db\n\ndata:\nclinic.db\nclinic.db.lock\n",
            "\(run.output)\(run.errors)")
    }

    @Test("a server that was given a link follows what is written by another path", .timeLimit(.minutes(30)))
    func oneSignal() async throws {
        let clinic = try await ServedClinic()
        _ = try await clinic.shell(
            "mkdir away; ln -s ../avicenna.db away/link.db; avicenna run nightly -q --as-of 2026-10-20")
        _ = try await clinic.shell("printf 'database: away/link.db\\n' >> avicenna.yaml")
        let relay = try await ServerProcess(in: clinic.folder)
        #expect(try await clinic.shell("ls avicenna.db.signal; ls away").output == "avicenna.db.signal\nlink.db\n")
        let before = try await clinic.shell("stat -c %y avicenna.db.signal").output
        #expect(try await clinic.shell("avicenna token --revoke x --database avicenna.db").status == 0)
        #expect(try await clinic.shell("stat -c %y avicenna.db.signal").output != before)
        #expect(try await relay.end(with: SIGTERM) == 0)
    }

    @Test("a database with two names is refused until one is removed")
    func hardLinks() async throws {
        let run = try await CommandRun.script("hard_links.sh", in: folder)
        #expect(run.output == "78\n78\n78\n78\n78\n78\n78\n0\n78\n1\n", "\(run.output)\(run.errors)")
        #expect(
            run.errors.contains(
                "avicenna: second.db: has 2 names (hard links), which cannot be kept apart; remove all but one, or copy it\n"
            ), "\(run.errors)")
    }
}
