import Foundation
import Testing
import TestSupport

/// What goes wrong around a run: it ends with one clear line, harms nothing, and the next run makes up for it.
@Suite(.endToEnd, .timeLimit(.minutes(30))) struct FaultTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.addClinic()
    }

    private func shell(_ script: String) async throws -> CommandRun {
        try await CommandRun.shell(
            """
            mkdir my-jobs; export AVICENNA_JOBS=my-jobs
            printf 'stages: [effectiveness, trends, cohorts, scores, reports]\nreports: [effectiveness, predictions]\n' \
                > my-jobs/nightly.yaml
            # What a clinic without faults has, and what this one has, but for what tells one run from another.
            results() { for table in effectiveness trends cohorts predictions; do
                avicenna results $table --format csv --database $1 || exit 98; done; }
            avicenna import in --database whole.db >/dev/null
            avicenna run nightly --as-of 2026-10-19 --only effectiveness,trends,cohorts,scores --database whole.db -q
            results whole.db > before
            avicenna run nightly --as-of 2026-10-20 --only effectiveness,trends,cohorts,scores --database whole.db -q
            results whole.db > after
            \(script)
            """, in: folder)
    }

    @Test(.enabled("\(Privilege.reason)") { await Privilege.canMount() })
    func disksThatFillUpAtAnyMoment() async throws {
        let run = try await shell(
            """
            mkdir small; mount -t tmpfs -o size=16m tmpfs small || exit 99; trap 'umount small' EXIT
            database="--database small/a.db --output small/out"
            avicenna import in $database --rejects small/r >/dev/null; avicenna run nightly --as-of 2026-10-19 $database -q
            for free in 0 8 40 100 160 240 400 600 800; do
                head -c 100000000 /dev/zero > small/filler 2>/dev/null
                truncate -s -${free}k small/filler
                avicenna run nightly --as-of 2026-10-20 $database -q 2> errors; echo "$free $?" >> statuses
                rm small/filler
                results small/a.db > now; cmp -s now before || cmp -s now after || echo "$free: neither before nor after"
                ls -A small/out | grep '^\\.'
                avicenna run nightly --as-of 2026-10-20 $database -q || exit 1
                results small/a.db | cmp - after || echo "$free: not made up for"
                avicenna run nightly --as-of 2026-10-19 $database -q || exit 1
                results small/a.db | cmp - before || echo "$free: not taken back"
            done
            sqlite3 small/a.db 'PRAGMA integrity_check'
            cut -d' ' -f2 statuses | sort | uniq -c | tr -s ' '
            """)
        let lines = run.output.split(separator: "\n").map(String.init)
        #expect(lines.first == "ok", "\(run.output)\(run.errors)")
        // Some ended because of the disk, and no other reason was told.
        #expect(lines.dropFirst().allSatisfy { $0.hasSuffix(" 73") || $0.hasSuffix(" 0") }, "\(run.output)")
        #expect(lines.contains { $0.hasSuffix(" 73") }, "\(run.output)")
    }

    @Test(.enabled("\(Privilege.reason)") { await Privilege.canBecomeNobody() })
    func aFolderThatMayOnlyBeReadIsToldAndMadeUpFor() async throws {
        let run = try await shell(
            """
            chmod 755 .; mkdir home; avicenna import in --database home/a.db >/dev/null; chown -R 65534 home; chmod -R a+rX my-jobs
            run() { setpriv --reuid=65534 --regid=65534 --clear-groups "$BINARY" run nightly --as-of 2026-10-20 \
                --database home/a.db --output home/out -q; }
            chmod 555 home; chmod 444 home/*; run; echo $?
            chmod 755 home; chmod 600 home/*; mkdir -p home/out; chmod 555 home/out; chown -R 65534 home; run; echo $?
            chmod 755 home/out; run; echo $?; results home/a.db | cmp - after && ls home/out | wc -l
            """)
        #expect(run.output == "73\n73\n0\n6\n", "\(run.errors)")
        let errors = run.errors.split(separator: "\n").filter { $0.hasPrefix("avicenna: ") }
        #expect(errors.count == 2, "\(run.errors)")
        #expect(errors.allSatisfy { $0.contains("cannot be written") }, "\(run.errors)")
    }

    @Test func aProcessThatMayNotHaveTheMemoryEndsBeforeItReads() async throws {
        let run = try await shell(
            """
            run() { avicenna run nightly --as-of $1 --only effectiveness,trends,cohorts,scores --database a.db -q; }
            avicenna import in --database a.db >/dev/null; run 2026-10-19
            # More feedback than such a process can hold, all of it older than what the results are of.
            sqlite3 a.db "WITH RECURSIVE n(i) AS (SELECT 1000000 UNION ALL SELECT i + 1 FROM n WHERE i < 4000000)
                INSERT INTO feedback SELECT i, (SELECT min(recommendation_id) FROM recommendations), 4, NULL, NULL, 0, NULL, 1
                FROM n"
            for limit in 300 790 800; do (ulimit -v ${limit}000; run 2026-10-20); echo $?; done
            results a.db | cmp - before && sqlite3 a.db 'DELETE FROM feedback WHERE feedback_id >= 1000000'
            run 2026-10-20; echo $?; results a.db | cmp - after; sqlite3 a.db 'PRAGMA integrity_check'
            """)
        #expect(run.output == "69\n69\n69\n0\nok\n", "\(run.errors)")
        let errors = run.errors.split(separator: "\n").filter { $0.hasPrefix("avicenna: ") }
        #expect(errors.count == 3, "\(run.errors)")
        // Without room for threads nothing begins at all.
        #expect(errors.first?.contains("may have 292 MiB of addresses and needs 768") == true, "\(run.errors)")
        for error in errors.dropFirst() {
            #expect(error.contains("the records take about 363 MiB of memory"), "\(run.errors)")
        }
    }

    @Test(.enabled("\(Privilege.reasonOfCompiler)") { await Privilege.canCompile() })
    func aSlowDiskSlowsARunAndDoesNoHarm() async throws {
        // Every write takes a millisecond and every sync 50; at one of the syncs, the process dies in the middle of it.
        try folder.write(
            """
            #define _GNU_SOURCE
            #include <dlfcn.h>
            #include <signal.h>
            #include <stdlib.h>
            #include <unistd.h>
            static int syncs;
            static int take_time(int fd, const char *name) {
                usleep(50000);
                const char *last = getenv("LAST_SYNC");
                if (last && ++syncs == atoi(last)) kill(getpid(), SIGKILL);
                return ((int (*)(int)) dlsym(RTLD_NEXT, name))(fd);
            }
            int fsync(int fd) { return take_time(fd, "fsync"); }
            int fdatasync(int fd) { return take_time(fd, "fdatasync"); }
            ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) {
                usleep(1000);
                return ((ssize_t (*)(int, const void *, size_t, off64_t)) dlsym(RTLD_NEXT, "pwrite64"))(fd, bytes, count, at);
            }

            """, to: "slow.c")
        let run = try await shell(
            """
            $(command -v clang || command -v cc) -shared -fPIC -o slow.so slow.c -ldl || exit 97
            run() { avicenna run nightly --as-of $1 --only effectiveness,trends,cohorts,scores --database a.db -q; }
            avicenna import in --database a.db >/dev/null; run 2026-10-19
            for last in 1 2 3 4 5 6; do
                LD_PRELOAD=./slow.so LAST_SYNC=$last "$BINARY" run nightly --as-of 2026-10-20 \
                    --only effectiveness,trends,cohorts,scores --database a.db -q; echo $? >> statuses
                results a.db > now; cmp -s now before || cmp -s now after || echo "$last: neither before nor after"
                LD_PRELOAD=./slow.so "$BINARY" run nightly --as-of 2026-10-20 \
                    --only effectiveness,trends,cohorts,scores --database a.db -q || exit 96
                results a.db | cmp - after || echo "$last: not made up for"
                run 2026-10-19 || exit 95
            done
            sqlite3 a.db 'PRAGMA integrity_check'; sort -u statuses
            """)
        let lines = run.output.split(separator: "\n").map(String.init)
        #expect(lines.first == "ok", "\(run.output)\(run.errors)")
        // Some were killed (128 and the signal), and those that ended did what they were to do.
        #expect(lines.contains("137") && lines.dropFirst().allSatisfy { ["137", "0"].contains($0) }, "\(run.output)")
    }

    @Test func aDatabaseThatAnotherProgramHoldsIsWaitedForAndThenGivenUp() async throws {
        // Somebody has it open with SQL and forgot to end a transaction.
        let run = try await shell(
            """
            avicenna import in >/dev/null
            echo 'stages: [effectiveness, trends, cohorts, scores]' > my-jobs/once.yaml
            printf 'stages: [effectiveness, trends, cohorts, scores]\\nretry: {attempts: 2, wait: 1s}\\n' > my-jobs/twice.yaml
            # The one that holds it says so itself: a look from outside would hold it for a moment as well.
            mkfifo hold held notes; sqlite3 -cmd '.timeout 60000' avicenna.db < hold > held & exec 8> hold 9< held
            echo "BEGIN IMMEDIATE; SELECT 'held';" >&8; read -r line <&9; echo "$line"
            avicenna run once --as-of 2026-10-20; echo $?
            (avicenna run twice --as-of 2026-10-20 -q 2> notes; echo $?) &
            while read -r line; do case $line in *'trying again'*) echo 'ROLLBACK;' >&8 ;; esac; done < notes; wait $!
            exec 8>&-; results avicenna.db | cmp - after && echo same
            """)
        #expect(run.output == "held\n75\n0\nsame\n", "\(run.output)\(run.errors)")
        #expect(run.errors == "avicenna: avicenna.db: is in use by another process; try again later\n")
    }

    @Test func aClockThatJumpsIsSurvived() async throws {
        let run = try await shell(
            """
            avicenna import in >/dev/null
            printf 'schedule: "15 2 * * *"\\nstages: [effectiveness, trends, cohorts, scores]\\ncatch_up: 3\\n' > my-jobs/night.yaml
            at() { faketime "$1" "$BINARY" run night --if-due; }
            export TZ=UTC
            at '2026-10-19 02:15:03'
            at '2026-10-20 02:15:03'; at '2026-10-20 01:00:00'; at '2026-10-20 02:15:01'
            at '2099-01-01 05:00:00'
            at '2026-10-20 09:00:00'
            at '2026-10-21 02:15:05'; at '2026-10-21 02:15:09'
            avicenna runs --format csv | cut -d, -f3,4,5 | tail -n +2
            results avicenna.db | cmp - after && echo same
            """)
        let runs = run.output.split(separator: "\n").filter { !$0.hasPrefix("night as of") }
        // Back and forth within a day runs nothing twice; years ahead does not hold up the nights that follow.
        #expect(
            runs == [
                "2026-10-20,schedule,succeeded", "2098-12-31,schedule,succeeded", "2098-12-30,schedule,succeeded",
                "2098-12-29,schedule,succeeded", "2098-12-28,schedule,succeeded", "2026-10-19,schedule,succeeded",
                "2026-10-18,schedule,succeeded", "same",
            ], "\(run.output)\(run.errors)")
    }
}
