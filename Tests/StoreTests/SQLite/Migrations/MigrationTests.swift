import Domain
import GRDB
import TestSupport
import Testing

@testable import Store
@testable import StoreSQLite

/// A database of an earlier version keeps what it holds.
@Suite(.timeLimit(.minutes(30))) struct MigrationTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: ["seq < 0", "seq = 2", "seq > 3", "seq > 0"])
    func deltasKeepTheirNumbers(pruned: String) throws {
        func rows(_ db: GRDB.Database) throws -> [GRDB.Row] {
            try GRDB.Row.fetchAll(
                db,
                sql: """
                    SELECT seq, run_id, diagnosis_id, type, data, at, last_diagnosis_id, hex(batch) FROM deltas
                    WHERE diagnosis_id > 0
                    """)
        }
        var before: [GRDB.Row] = []
        let database = try migratedDatabase(in: folder, from: "blocks") { db in
            for number in 1...5 {
                try db.execute(
                    sql: """
                        INSERT INTO deltas (run_id, diagnosis_id, type, data, at, last_diagnosis_id, batch)
                        VALUES (\(number), 3, 'feedback_update', '{"n":\(number)}', 60, NULL, x'0\(number)')
                        """)
            }
            try db.execute(sql: "DELETE FROM deltas WHERE \(pruned)")
            before = try rows(db)
        }
        #expect(try database.read(rows) == before)
        #expect(try database.latestSequence() == 5)
        try database.write { db in
            try db.execute(
                sql: "INSERT INTO deltas (run_id, diagnosis_id, type, data) VALUES (0, 3, 'feedback_update', '{}')")
            #expect(db.lastInsertedRowID == 6)
            try db.execute(sql: "DELETE FROM deltas WHERE batch IS NOT NULL")
        }
        // Nobody is told of what stands in for the newest.
        let told = try database.outbox(after: 0, limit: 10) { $0.rawValue > 0 }
        #expect(told.deltas.map(\.sequence) == [6])
        #expect(try database.problem() == nil)
    }

    @Test("names that newer rules compare as one become one term, and published results keep theirs")
    func keysAreRenewed() throws {
        let database = try migratedDatabase(in: folder, from: "outbox") { db in
            try db.execute(
                sql: """
                    INSERT INTO terms VALUES (1, 'herb', 'قهوة'), (2, 'herb', 'قهوه'), (3, 'herb', 'saffron'), (4, 'herb', 'd۳'),
                        (5, 'condition', 'قهوة'), (6, 'symptom', 'تب'), (7, 'symptom', 'تب\u{200E}'), (8, 'symptom', 'أرق');
                    INSERT INTO spellings VALUES (1, 'herb', 'قهوة', 1), (2, 'herb', 'قهوه', 2), (3, 'herb', 'saffron', 3),
                        (4, 'herb', 'D۳', 4), (5, 'condition', 'قهوة', 5);
                    INSERT INTO symptom_sets VALUES (1, 'تب;تب\u{200E}'), (2, 'أرق;تب\u{200E}'), (3, '');
                    INSERT INTO symptom_set_members VALUES (1, 6), (1, 7), (2, 7), (2, 8);
                    INSERT INTO published_names VALUES (1, 'قهوة'), (2, 'قهوه');
                    """)
        }
        let found = try database.read { db in
            try [
                "SELECT term_id || ' ' || key FROM terms WHERE key NOT LIKE ' %' ORDER BY term_id",
                "SELECT spelling_id || ' ' || term_id FROM spellings",
                "SELECT symptom_set_id || ' ' || term_id FROM symptom_set_members ORDER BY 1",
                "SELECT name FROM published_names ORDER BY term_id", "SELECT \"table\" FROM pragma_foreign_key_check",
            ].map { try String.fetchAll(db, sql: $0) }
        }
        #expect(
            found == [
                ["1 قهوه", "3 saffron", "4 d3", "5 قهوه", "6 تب", "8 ارق"], ["1 1", "2 1", "3 3", "4 4", "5 5"],
                ["1 6", "2 6", "2 8"], ["قهوة", "قهوه"], [],
            ])
        // A new spelling of a known name finds its term.
        let terms = try database.write { db in
            _ = try NameTable(db).spelling("قهوۀ", of: .herb)
            return try Int.fetchOne(db, sql: "SELECT count(DISTINCT term_id) FROM spellings WHERE kind = 'herb'")
        }
        #expect(terms == 3)
    }

    @Test("answers to keys of older versions are repeated in any role, where the records are owned")
    func keysWithoutRoles() throws {
        let database = try migratedDatabase(in: folder, from: "ledger") { db in
            try db.execute(
                sql:
                    "INSERT INTO idempotency_keys VALUES ('a', 'k', 'f', 201, 'answer', 5000000), ('b', 'k', 'f', 1, '', 0)"
            )
        }
        var clinic = TestClinic()
        let patient = clinic.patient()
        clinic.recommendation("mint", for: "insomnia", to: patient, on: day("1970-01-01"))
        try clinic.write(to: database)
        func end(_ requester: Requester, fingerprint: String = "f") throws -> WriteReceipt.End {
            try database.write(
                .submit([draft(1)]), by: requester, key: "k", asked: fingerprint, at: Instant(seconds: 9)
            ).end
        }
        let stored = WriteReceipt.End.written(WriteAnswer(status: 201, body: "answer"), repeated: true)
        #expect(try end(Requester(subject: "a", role: .patient, patient: patient)) == stored)
        #expect(try end(Requester(subject: "a", role: .clinician, patient: nil)) == stored)
        #expect(try end(Requester(subject: "a", role: .clinician, patient: nil), fingerprint: "g") == .keyTaken)
        #expect(
            try end(Requester(subject: "a", role: .patient, patient: PatientID(rawValue: 2)))
                == .refused([0: .missing("recommendation 1")]))
        #expect(try database.count("idempotency_keys") == 2)
    }

    @Test("revocations keep their numbers")
    func revocationsKeepTheirNumbers() throws {
        let database = try migratedDatabase(in: folder, from: "ledger") { db in
            try db.execute(
                sql: """
                    INSERT INTO revocations VALUES (3, 't', NULL, NULL, 1), (5, NULL, 's', 7, 2), (9, 'x', NULL, NULL, 3);
                    DELETE FROM revocations WHERE revocation_id = 9
                    """)
        }
        let until = Instant(microseconds: 7)
        #expect(try database.revocations(after: 0).revoked == [.token(id: "t"), .subject("s", issuedUntil: until)])
        try database.revoke(.everyone(issuedUntil: until), at: until)
        let (revoked, last) = try database.revocations(after: 5)
        #expect(revoked == [.everyone(issuedUntil: until)] && last == 10)
    }

    @Test("what was released before goes, and nothing is noted of releases")
    func releasesBeginAnew() throws {
        let database = try migratedDatabase(in: folder, from: "general revocations") { db in
            try db.execute(
                sql: """
                    INSERT INTO public_months VALUES (20727, 1);
                    INSERT INTO feedback_origins VALUES (1, 1);
                    """)
        }
        #expect(try database.notedReleases() == NotedReleases())
        let gone = ["public_blocks", "public_months", "feedback_origins"]
        let tables = try database.read { try String.fetchAll($0, sql: "SELECT name FROM sqlite_schema") }
        #expect(gone.allSatisfy { !tables.contains($0) } && tables.contains("releases"))
        #expect(try database.problem() == nil)
    }
}
