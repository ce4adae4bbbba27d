import Foundation
import Testing
import TestSupport

/// Databases that hold what no version writes, as failing disks leave them: who reads that is told so on one line.
@Suite(.endToEnd, .timeLimit(.minutes(30))) struct DamagedDatabaseTests {
    private let folder: TemporaryFolder

    init() async throws {
        folder = try TemporaryFolder()
        try folder.addClinic()
        let run = try await shell(
            """
            avicenna import in >/dev/null
            for day in 19 20; do avicenna run nightly --as-of 2026-10-$day --only \(stages) -q || exit 1; done
            """)
        try #require(run.status == 0, "\(run.errors)")
    }

    private let stages = "effectiveness,trends,cohorts,scores"

    private func shell(_ script: String) async throws -> CommandRun {
        try await CommandRun.shell(script, in: folder)
    }

    @Test(arguments: [
        ("recommendations SET created_at = -9223372036854775808", "run nightly -q", "recommendations.created_at"),
        ("recommendations SET recommendation_id = -9", "run nightly -q", "recommendations.recommendation_id"),
        ("diagnoses SET symptom_set_id = -2147483648", "verify 1", "diagnoses.symptom_set_id"),
        ("spellings SET term_id = 4294967301", "verify 1", "spellings.term_id"),
        ("spellings SET spelling_id = 9223372036854775807", "verify 1", "spellings.spelling_id"),
        ("symptom_sets SET symptom_set_id = 4611686018427387904", "verify 1", "symptom_sets.symptom_set_id"),
        ("feedback SET rating = 6", "run nightly -q", "feedback"),
        ("feedback SET compliance = 1000000001", "run nightly -q", "feedback"),
        ("feedback SET rating = 9223372036854775807", "report feedback-statistics", "rating"),
        ("feedback SET improvement = -1", "report feedback-statistics", "improvement"),
        ("priors SET level = 7", "results effectiveness", "priors"),
        ("publications SET as_of = 2147483648", "results trends", "as_of"),
        ("runs SET started_at = 9223372036854775807", "runs", "started_at"),
        // A page: all but its row's key, and successes among fewer cases.
        ("cohorts SET rows = CAST(substr(rows, 1, 4) || X'0000010105' AS BLOB)", "results cohorts", "cohorts"),
    ]) func whatNoVersionWritesIsTold(damage: String, command: String, place: String) async throws {
        let run = try await shell(
            """
            sqlite3 avicenna.db "PRAGMA ignore_check_constraints = ON; UPDATE OR IGNORE \(damage)"
            avicenna \(command)
            """)
        #expect(run.status == 65)
        #expect(
            run.errors.hasSuffix(
                "avicenna: avicenna.db: is no sound database (\(place) holds what is not known); restore it from a backup\n"
            ), "\(run.errors)")
    }

    @Test(arguments: ["effectiveness", "trends", "cohorts", "predictions", "bodies"])
    func whatIsPublishedAndDamagedIsFoundBeforeSomebodyReadsIt(table: String) async throws {
        let run = try await shell(
            """
            avicenna doctor --format csv | grep ',database,'
            sqlite3 avicenna.db "UPDATE \(table) SET rows = CAST(substr(rows, 1, length(rows) - 1) AS BLOB)"
            avicenna doctor --format csv | grep ',database,'
            avicenna backup kept; echo $?; ls kept
            """)
        let problem = "is no sound database (\(table) holds what is not known); restore it from a backup"
        #expect(
            run.output == """
                good,database,"avicenna.db: sound, with 3000 feedback",
                bad,database,avicenna.db: \(problem),
                65

                """)
        #expect(run.errors.hasPrefix("avicenna: kept: \(problem)\n"), "\(run.errors)")
    }

    @Test func aSchemaThatCannotBeReadIsToldOnOneLine() async throws {
        let run = try await shell(
            """
            sqlite3 avicenna.db "PRAGMA writable_schema = ON; UPDATE sqlite_schema \\
                SET sql = replace(sql, 'rating INTEGER', 'rating [INTEGER') WHERE name = 'feedback'"
            avicenna runs
            """)
        #expect(run.status == 65)
        #expect(
            run.errors.hasPrefix("avicenna: avicenna.db: is no sound database (malformed database schema (feedback)"))
        #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
    }

    @Test(arguments: [1, 11, 21]) func damageAnywhereEndsNothingButTheCommand(first: Int) async throws {
        let run = try await CommandRun.script("damaged_commands.sh", "\(first)", "\(first + 9)", stages, in: folder)
        #expect(run.status == 0 && run.output.isEmpty, "\(run.output)\(run.errors)")
    }
}
