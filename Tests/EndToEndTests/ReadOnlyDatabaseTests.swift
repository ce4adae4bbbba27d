import Foundation
import TestSupport
import Testing

/// Commands that only read, by a user who may not write to the database: they read, or say whose it is.
@Suite(
    .endToEnd, .enabled("\(Privilege.reason)") { await Privilege.canBecomeNobody() },
    .enabled("\(Privilege.reason)") { await Privilege.canMount() }, .timeLimit(.minutes(30)))
struct ReadOnlyDatabaseTests {
    private let folder: TemporaryFolder

    init() async throws {
        folder = try TemporaryFolder()
        try folder.addClinic()
        let run = try await shell(
            """
            avicenna import in >/dev/null; avicenna run nightly --as-of 2026-10-20 -q; chmod 755 .; mkdir out; chmod 777 out
            """)
        try #require(run.status == 0, "\(run.errors)")
    }

    private func shell(_ script: String) async throws -> CommandRun {
        try await CommandRun.shell(script, in: folder)
    }

    private static let commands = [
        "results effectiveness", "results predictions --format csv", "runs", "runs 1", "jobs", "deliveries",
        "report effectiveness --output out --formats csv,xlsx,pdf", "verify 1", "audit verify",
        "backup out/kept.backup", "run nightly --as-of 2026-10-21 --dry-run", "doctor --output out",
    ]

    @Test("reads what others may read, and leaves nothing behind", arguments: commands)
    func reads(command: String) async throws {
        let run = try await shell(
            """
            chmod 644 avicenna.db; ls -A > names; sha256sum avicenna.db > sum
            avicenna_as_nobody \(command) > result; echo $?
            test -s result && ls -A | grep -v '^result$' | grep -v '^sum$' | cmp - names
            sha256sum --quiet -c sum && avicenna run nightly --as-of 2026-10-20 -q; echo $?
            """)
        #expect(run.output == "0\n0\n", "\(run.output)\(run.errors)")
        #expect(run.errors == "", "\(run.errors)")
    }

    @Test("reads what is still in the log of a writer", arguments: ["runs", "audit verify", "results trends"])
    func readsTheLog(command: String) async throws {
        let run = try await shell(
            """
            chmod 644 avicenna.db
            /usr/bin/python3 "$SCRIPTS/leave_log.py" avicenna.db "UPDATE runs SET job = 'renamed'"
            test -s avicenna.db-wal; echo $?; avicenna_as_nobody \(command) > result; echo $?
            avicenna_as_nobody runs --format csv | grep -c renamed
            stat -c %U avicenna.db avicenna.db-wal avicenna.db-shm
            """)
        #expect(run.output == "0\n0\n1\nroot\nroot\nroot\n", "\(run.output)\(run.errors)")
    }

    @Test("reads beside a process that has it open, whether or not that has written", arguments: [false, true])
    func readsBesideOthers(hasWritten: Bool) async throws {
        let statement = hasWritten ? "UPDATE runs SET job = 'renamed'" : "SELECT 1"
        let run = try await CommandRun.script("read_beside_writer.sh", statement, in: folder)
        #expect(
            run.output == "0\n\(hasWritten ? 1 : 0)\n",
            "\(run.output)\(run.errors)")
    }

    @Test("says who can bring the log of a killed writer into the database, and makes no index of it")
    func logWithoutIndex() async throws {
        let run = try await shell(
            """
            mkdir shared; avicenna backup shared/a.db >/dev/null; chmod 644 shared/a.db; chmod 777 shared
            /usr/bin/python3 "$SCRIPTS/leave_log.py" shared/a.db "UPDATE runs SET job = 'renamed'"
            rm shared/a.db-shm; avicenna_as_nobody runs --database shared/a.db; echo $?; ls shared
            avicenna runs --database shared/a.db --format csv | grep -c renamed
            """)
        #expect(run.output == "73\na.db\na.db-wal\n1\n", "\(run.output)\(run.errors)")
        #expect(run.errors.contains("has changes in its log that must be brought into it"), "\(run.errors)")
    }

    @Test("says whose the database is where others may not read it", arguments: commands)
    func saysWhoseItIs(command: String) async throws {
        let run = try await shell("avicenna_as_nobody \(command) >/dev/null; echo $?")
        let advice =
            "belongs to the user root, and this command runs as nobody; run it as root, or ask root for permission"
        if command.hasPrefix("doctor") {
            #expect(run.output == "69\n")
        } else {
            #expect(run.output == "66\n")
            #expect(
                run.errors.hasPrefix("avicenna: avicenna.db: cannot be read: ") && run.errors.hasSuffix("\(advice)\n"))
            #expect(run.errors.split(separator: "\n").count == 1)
        }
        #expect(!run.errors.contains("free space"), "\(run.errors)")
    }

    @Test(
        "a command that writes says whose the database is",
        arguments: ["init", "run nightly --as-of 2026-10-20", "prune --keep 9", "token --revoke x"])
    func writes(command: String) async throws {
        let run = try await shell("chmod 644 avicenna.db; avicenna_as_nobody \(command); echo $?")
        #expect(run.output == "73\n")
        #expect(run.errors.hasPrefix("avicenna: avicenna.db: cannot be written: "), "\(run.errors)")
        #expect(run.errors.contains("belongs to the user root") && !run.errors.contains("free space"), "\(run.errors)")
    }

    @Test("reads from a read-only file system, and says so where it is to write")
    func readOnlyFileSystem() async throws {
        let run = try await CommandRun.script("read_only_disk.sh", in: folder)
        #expect(run.output == "0\n0\n0\n73\n", "\(run.output)\(run.errors)")
        #expect(run.errors.contains("is on a read-only file system"), "\(run.errors)")
        #expect(!run.errors.contains("free space"), "\(run.errors)")
    }

    @Test("says who can bring an older schema up to date")
    func olderSchema() async throws {
        let run = try await shell(
            """
            sqlite3 avicenna.db "DELETE FROM grdb_migrations WHERE identifier = 'ledger'"; chmod 644 avicenna.db
            sqlite3 avicenna.db "PRAGMA wal_checkpoint(TRUNCATE)" >/dev/null
            avicenna_as_nobody runs; echo $?
            """)
        #expect(run.output == "73\n")
        #expect(
            run.errors.hasPrefix(
                "avicenna: avicenna.db: was made by an older version and must be brought up to date before it can be read: "
            ),
            "\(run.errors)")
        #expect(run.errors.contains("belongs to the user root"))
    }

    @Test("a lock that another user made is named with its owner")
    func foreignLock() async throws {
        let run = try await shell(
            """
            mkdir theirs; avicenna backup theirs/a.db >/dev/null; chown -R 65534 theirs; (umask 077; : > theirs/a.db.lock)
            avicenna_as_nobody run nightly --as-of 2026-10-20 --database theirs/a.db -q; echo $?
            """)
        #expect(run.output == "73\n")
        #expect(
            run.errors.hasSuffix(
                "theirs/a.db.lock belongs to the user root, and this command runs as nobody; run it as root, or ask root for permission\n"
            ), "\(run.errors)")
    }
}
