import Foundation
import Testing
import TestSupport

/// Commands that wait for others, lack space or may not write.
extension CommandLineTests {
    @Test func aSecondRunWaitsOrComesBackLater() async throws {
        #expect(try await shell("avicenna import in").status == 0)
        let second = try await shell("exec 9>avicenna.db.lock; flock 9; avicenna run nightly --as-of 2026-10-20 9>&-")
        expectFailure(second, status: 75, "another process runs on this database")
        // The holder lets go once the other says that it waits.
        let waited = try await CommandRun.script("waiting_run.sh", in: folder)
        #expect(waited.status == 0, "\(waited.errors)")
        #expect(try folder.read("note") == "waiting for another process that runs on this database\n")
    }

    @Test func aRunOnALargeDatabaseTakesLargePages() async throws {
        // Looked at while it waits, which is after it began anew.
        let run = try await CommandRun.script("large_pages.sh", in: folder)
        let lines = run.output.split(separator: "\n").map(String.init)
        let (large, asTold) = ("glibc.malloc.hugetlb=1", "glibc.malloc.hugetlb=0")
        let expected = ["none", large, large, asTold].flatMap { [$0, "avicenna", "75"] }
        #expect(lines.prefix(expected.count) == expected[...], "\(run.errors)")
        #expect(lines.last == "0", "\(run.errors)")
    }

    @Test func aGigabyteOfGarbageEndsSoonInSmallMemory() async throws {
        let run = try await shell(
            """
            head -1 in/feedback.csv > h; (cat h; yes 'garbage "and' | head -c 1000000000) > in/feedback.csv
            ulimit -v 2000000; avicenna import in; status=$?; cp h in/feedback.csv; exit $status
            """)
        expectFailure(
            run, status: 65,
            "in/feedback.csv:2: a quote is inside a field that does not begin with one; stopped after 10001")
        #expect(try await shell("test $(stat -c %s rejects.csv) -lt 2000000").status == 0)
        expectFailure(
            try await shell("head -c 100000000 /dev/zero > in/patients.csv; avicenna import in"), status: 65,
            "in/patients.csv:1: is empty; the header must have patient_id, mizaj_type")
    }

    @Test(.enabled("\(Privilege.reason)") { await Privilege.canBecomeNobody() })
    func aFolderWithoutRightsIsTold() async throws {
        let asNobody =
            "chmod 755 .; setpriv --reuid=65534 --regid=65534 --clear-groups --reset-env env BINARY=$BINARY $BINARY"
        expectFailure(
            try await shell("chmod 700 in; \(asNobody) import in --database /tmp/none.db"), status: 66,
            "in: cannot be read")
        expectFailure(
            try await shell("chmod 755 in; chmod 600 in/feedback.csv; \(asNobody) import in --database /tmp/none.db"),
            status: 66, "in/feedback.csv: cannot be read: Permission denied")
        expectFailure(
            try await shell("chmod 644 in/*; \(asNobody) import in"), status: 73,
            "avicenna.db: cannot be written (Permission denied)")
    }

    @Test(.enabled("\(Privilege.reason)") { await Privilege.canMount() })
    func aFullDiskLeavesTheDatabaseAsItWas() async throws {
        let run = try await CommandRun.script("full_disk_import.sh", in: folder)
        #expect(run.status == 73, "\(run.errors)")
        #expect(run.errors.contains("small/a.db: cannot be written (database or disk is full)"), "\(run.errors)")
        #expect(run.output.contains("ready, with 0 patients, 0 diagnoses, 0 recommendations and 0 feedback"))
    }

    @Test func aFileThatMayNotGrowLeavesTheDatabaseAsItWas() async throws {
        #expect(try await shell("avicenna import in && avicenna run nightly --as-of 2026-10-19").status == 0)
        let before = try await shell("avicenna results effectiveness --format csv").output
        try folder.write("stages: [effectiveness]\nretry: {attempts: 2, wait: 1s}\n", to: "my-jobs/twice.yaml")
        let run = try await shell("ulimit -f 100; avicenna run twice --as-of 2026-06-01 --jobs my-jobs")
        #expect(run.status == 73)
        let lines = run.errors.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines.first?.hasSuffix("trying again in 1 s") == true, "\(run.errors)")
        #expect(lines[1] == "the published results are those as of 2026-10-19, of run 1", "\(run.errors)")
        #expect(lines.last?.contains("avicenna.db: cannot be written") == true, "\(run.errors)")
        #expect(try await shell("avicenna results effectiveness --format csv").output == before)
    }
}
