import Foundation
import TestSupport
import Testing

/// Which files a backup may replace, and which it may be restored from: never the database itself, nor what others need.
@Suite(.endToEnd, .timeLimit(.minutes(30))) struct BackupFilesTests {
    private let folder: TemporaryFolder

    init() async throws {
        folder = try TemporaryFolder()
        try folder.addClinic()
        let run = try await shell(
            """
            avicenna import in >/dev/null; mkdir away; ln -s avicenna.db link.db; ln -s ../avicenna.db away/link.db
            """)
        try #require(run.status == 0, "\(run.errors)")
    }

    private func shell(_ script: String) async throws -> CommandRun {
        try await CommandRun.shell(script, in: folder)
    }

    private static let own = [
        "avicenna.db", "./avicenna.db", "$PWD/avicenna.db", "away/../avicenna.db", "link.db", "away/link.db", "hard.db",
        "avicenna.db-wal", "avicenna.db-shm", "avicenna.db-journal", "avicenna.db.lock", "avicenna.db.signal",
    ]

    @Test("backup refuses the database's own files before it touches anything", arguments: own)
    func backupOntoItself(target: String) async throws {
        let run = try await shell(
            """
            if [ \(target) = hard.db ]; then ln avicenna.db hard.db; fi
            before=$(sha256sum < avicenna.db); ls -A > names
            for force in '' --force; do avicenna backup \(target) $force; echo $?; done
            test "$before" = "$(sha256sum < avicenna.db)" && ls -A | cmp - names && rm -f hard.db && avicenna audit verify
            """)
        #expect(run.output.hasPrefix("64\n64\n1 entry, as it was written"), "\(run.output)\(run.errors)")
        let line =
            "avicenna: \(target.replacing("$PWD", with: folder.url.path)): belongs to the database avicenna.db itself; name another file\n"
        #expect(run.errors == line + line)
    }

    @Test("answered feedback survives an attempt to back up a served database onto itself")
    func servedDatabase() async throws {
        let api = try await ServedAPI()
        let token = try await api.clinic.token("--admin")
        let submitted = try await api.ask(
            "POST", "/api/feedback/submit", token, json: #"{"recommendation_id":1,"rating":4}"#)
        #expect(submitted.status == 201)
        let run = try await api.clinic.shell("avicenna backup ./avicenna.db --force; echo $?; ls -A | grep part")
        #expect(run.output == "64\n", "\(run.errors)")
        #expect(try await api.sql("SELECT count(*) FROM feedback") == "3001")
        #expect(try await api.sql("PRAGMA integrity_check") == "ok")
    }

    @Test("restore refuses the database itself as its backup", arguments: ["avicenna.db", "link.db", "away/link.db"])
    func restoreFromItself(source: String) async throws {
        let run = try await shell("avicenna restore \(source) --force; echo $?; avicenna audit verify")
        #expect(run.output.hasPrefix("64\n1 entry"), "\(run.output)\(run.errors)")
    }

    @Test("restore refuses a source whose changes are still in its log")
    func restoreFromALiveDatabase() async throws {
        let run = try await shell(
            """
            avicenna import in --database other.db >/dev/null
            /usr/bin/python3 "$SCRIPTS/leave_log.py" other.db 'DELETE FROM feedback_notes'
            avicenna restore other.db --force; echo $?
            """)
        #expect(run.output == "73\n")
        #expect(run.errors.contains("other.db: is a database in use, with its log in "), "\(run.errors)")
    }

    @Test("backup replaces an older backup, and another file with --force only")
    func otherFiles() async throws {
        let run = try await CommandRun.script("backup_over_files.sh", in: folder)
        #expect(
            run.output == "letter 73\nforeign.db 73\nclinic.db 73\nin 73\n0\n0\n0\n0\n0\n73\n",
            "\(run.output)\(run.errors)")
        #expect(
            run.errors.hasPrefix(
                "avicenna: letter: there is a file already that is not a backup of avicenna; replace it with --force\n")
        )
    }

    @Test("nothing takes the name of a file that has a log beside it", arguments: ["-wal", "-shm", "-journal"])
    func foreignLogs(ending: String) async throws {
        let run = try await shell(
            """
            avicenna backup kept >/dev/null; echo x > kept\(ending); echo y > gone\(ending); before=$(sha256sum < kept)
            for file in kept gone; do avicenna backup $file --force; echo $?; done
            test "$before" = "$(sha256sum < kept)" && ls -A | grep -E 'gone|part'
            avicenna restore kept --database gone 2>/dev/null; echo $?
            """)
        // A log without its database is what is left of one, and only --force removes it.
        #expect(run.output == "73\n73\ngone\(ending)\n73\n", "\(run.output)\(run.errors)")
    }

    @Test("restore leaves no log of another file beside the database")
    func restoreOverRemains() async throws {
        let run = try await shell(
            """
            avicenna backup kept >/dev/null; for ending in -wal -shm -journal; do echo x > gone$ending; done
            avicenna restore kept --database gone --force >/dev/null; echo $?; avicenna audit verify --database gone; ls gone*
            """)
        // One more is of the revocation of all tokens, since those that were revoked are not known.
        #expect(run.output.hasPrefix("0\n2 entries"), "\(run.output)\(run.errors)")
        #expect(run.output.hasSuffix("\ngone\ngone.lock\n"), "\(run.output)")
    }

    @Test("restore through a link replaces the database and keeps the link")
    func restoreThroughALink() async throws {
        let run = try await shell(
            """
            avicenna backup kept >/dev/null; avicenna restore kept --database link.db --force >/dev/null; echo $?
            readlink link.db; test -L avicenna.db; echo $?
            """)
        #expect(run.output == "0\navicenna.db\n1\n", "\(run.errors)")
    }

    private static let revoked =
        "all tokens issued before now are revoked, because the revocations since the backup are not known; issue new ones\n"

    @Test("restore keeps the revocations that are newer than the backup")
    func newerRevocations() async throws {
        let run = try await shell(
            """
            avicenna backup kept >/dev/null; avicenna token --revoke t1 >/dev/null; avicenna token --revoke t2 >/dev/null
            avicenna restore kept --force | tail -n 1; sqlite3 avicenna.db 'SELECT jti FROM revocations'
            avicenna audit verify >/dev/null; echo $?
            avicenna restore kept --force >/dev/null; rm avicenna.db; avicenna restore kept | tail -n 1
            """)
        #expect(
            run.output == "kept 2 revocations that are newer than the backup\nt1\nt2\n0\n\(Self.revoked)",
            "\(run.output)\(run.errors)")
    }

    @Test("tokens issued before a restore are refused where revocations are not known, and later ones accepted")
    func olderTokens() async throws {
        let clinic = try await ServedClinic(settings: "rate_limit: 0\n")
        let old = try await clinic.token("--admin")
        let run = try await clinic.shell(
            "avicenna backup kept >/dev/null; rm avicenna.db; avicenna restore kept | tail -n 1")
        #expect(run.output == Self.revoked, "\(run.errors)")
        // Tokens say the second in which they were issued.
        try await Task.sleep(for: .milliseconds(1100))
        let new = try await clinic.token("--admin")
        let server = try await ServerProcess(in: clinic.folder, command: "serve")
        func status(_ token: String) async throws -> Int {
            try await HTTPExchange("GET", "/api/feedback/diagnosis/1/history", port: server.port, token: token).status
        }
        // A server reads revocations soon after it began to listen.
        for _ in 0..<100 where try await status(old) == 200 { try await Task.sleep(for: .milliseconds(50)) }
        #expect(try await status(old) == 401)
        #expect(try await status(new) == 200)
    }

    @Test("no other output takes the name of a database", arguments: ["avicenna.db", "link.db", "other.db"])
    func otherOutput(target: String) async throws {
        let run = try await shell(
            """
            avicenna import in --database other.db >/dev/null; before=$(sha256sum < other.db)
            avicenna run nightly --as-of 2026-10-20 -q --only effectiveness --metrics-file \(target); echo $?
            test "$before" = "$(sha256sum < other.db)" && avicenna audit verify >/dev/null; echo $?; readlink link.db
            """)
        #expect(run.output == "73\n0\navicenna.db\n", "\(run.output)\(run.errors)")
    }
}
