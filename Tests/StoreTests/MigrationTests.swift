import Domain
import GRDB
import Statistics
import TestSupport
import Testing

@testable import Store
@testable import StoreSQLite

/// A database of an earlier version keeps what it holds.
@Suite(.timeLimit(.minutes(30))) struct MigrationTests {
    @Test func resultsThatStoodInRowsStandInPages() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("old.db")
        let subjects: [(level: Level, subject: Int64)] = [
            (.recommendation, 1), (.recommendation, 255), (.recommendation, 256), (.recommendation, 70_000),
            (.treatment, 3 << 30 | 5), (.cohort, 4 << 60 | 3 << 30 | 5), (.overall, 0),
        ]
        let old = try DatabasePool(path: path)
        try Schema.migrator.migrate(old, upTo: "api")
        try old.write { db in
            for (index, (level, subject)) in subjects.enumerated() {
                let numbers = (1...3).map { window -> String in
                    let samples = 100 * index + window
                    return "\(samples), \(samples - 1), \(4 * samples), 1, 5, \(samples), \(10 * samples + 7)"
                }.joined(separator: ", ")
                try db.execute(
                    sql:
                        "INSERT INTO effectiveness VALUES (\(level.ordinal), \(subject), \(numbers), \(20_000 + index))"
                )
                try db.execute(
                    sql:
                        "INSERT INTO trends VALUES (\(level.ordinal), \(subject), 9, 4, 8, 2, 'improving', 0.25, 20001)"
                )
            }
            try db.execute(sql: "INSERT INTO cohorts VALUES (\(3 << 30 | 5), 7, 9, 4, 20002)")
            try db.execute(
                sql: """
                    INSERT INTO imports VALUES (1, 'old', 0, 0);
                    INSERT INTO terms VALUES (1, 'condition', 'c'), (2, 'herb', 'g'), (3, 'herb', 'h'), (4, 'herb', 'i');
                    INSERT INTO spellings VALUES
                        (1, 'condition', 'C', 1), (2, 'herb', 'G', 2), (3, 'herb', 'H', 3), (4, 'herb', 'I', 4);
                    INSERT INTO symptom_sets VALUES (1, '');
                    INSERT INTO patients VALUES (1, 'motadel', NULL, NULL, 1);
                    INSERT INTO diagnoses VALUES (3, 1, 1, 1, 0, 1);
                    INSERT INTO predictions_history VALUES
                        (5, 3, 'treatment/90', 8, 3, 19, 10, 0.4, 0.2, 2, 0.4, 19990, 20001);
                    """)
            for (number, herb, basis, since) in [
                (5, 2, "herb/90", 20_001), (6, 3, "none", 20_002), (600, 4, "treatment/all", 20_003),
                (601, 4, "treatment/all", 20_005),
            ] {
                try db.execute(
                    sql: """
                        INSERT INTO recommendations VALUES (\(number), 3, \(herb), 0, 1);
                        INSERT INTO predictions VALUES
                            (\(number), 3, '\(basis)', 9, 4, 20, 11, 0.5, 0.25, 1, 0.75, \(since))
                        """)
            }
            try db.execute(
                sql: """
                    INSERT INTO deltas (run_id, diagnosis_id, type, data, at) VALUES
                        (1, 3, 'effectiveness_update', '5;;1,2,3,4,5,6', 60),
                        (1, 3, 'recommendation_update', '5,7,herb/90,9,4,20,11,0.5,0.25,1', 60)
                    """)
        }
        try old.close()

        let database = try SQLiteDatabase(path: path, create: false)
        let diagnosis = DiagnosisID(rawValue: 3)
        let told = Prediction(
            diagnosis: diagnosis, basis: .herb90, historicalSamples: 9, historicalSuccesses: 4,
            similarPatients: 20, similarSuccesses: 11, score: 0.5, confidence: 0.25, rank: 1)
        try database.read { db in
            let pages = SQLitePublication(db)
            for (index, (level, subject)) in subjects.enumerated() {
                let key = Subject(rawValue: subject)
                let row = try #require(try PublishedTable.effectiveness(level).olds([key], in: pages).first)
                #expect(row.since == 20_000 + Int32(index))
                let (first, second) = (row.row.days30, row.row.all)
                #expect(first.samples == Int32(100 * index + 1) && second.complianceSum == Int64(1000 * index + 37))
                let trend = try #require(try PublishedTable.trends(level).row(key, in: pages))
                #expect([trend.recentSamples, trend.recentSuccesses] == [9, 4])
                #expect(trend.direction == .improving && trend.pValue == 0.25)
            }
            #expect(try PublishedTable.effectiveness(.recommendation).read(in: pages).count == 4)
            #expect(
                try PublishedTable.cohorts.read(in: pages).values == [Cohort(patients: 7, samples: 9, successes: 4)])
            let rows = try PublishedTable.predictions.read(in: pages)
            #expect(rows.keys.map(\.rawValue) == [5, 6, 600, 601])
            #expect(
                rows.values[0]
                    == PublishedPrediction(
                        told, of: .treatment(herb: TermID(rawValue: 2), condition: TermID(rawValue: 1)),
                        lastPublishedScore: 0.75
                    ))
        }
        let evidence = HistoricalEvidence(basis: .herb90, samples: 9, successes: 4)
        let prediction = Prediction(
            diagnosis: diagnosis, evidence: evidence, similarPatients: 20, similarSuccesses: 11, rank: 1)
        try database.readPublished { results in
            let predictions = try results.predictions()
            #expect(predictions.values[0] == prediction)
            #expect(predictions.values.map(\.basis) == [.herb90, .none, .treatmentAll, .treatmentAll])
            let past = try results.pastPredictions(of: diagnosis)
            #expect(past.map(\.recommendation.rawValue) == [5, 5, 6, 600, 601])
            #expect(past.map(\.since.daysSinceEpoch) == [19_990, 20_001, 20_002, 20_003, 20_005])
            #expect(past.map(\.until?.daysSinceEpoch) == [20_001, nil, nil, nil, nil])
            #expect(past[0].prediction.score == 0.4 && past[1].prediction == prediction)
        }
        let deltas = try database.outbox(after: 0, limit: 10) { _ in true }.deltas
        #expect(deltas.map(\.sequence) == [1, 2])
        #expect(
            deltas.last?.change
                == .ranking([
                    RankedRecommendation(
                        recommendation: RecommendationID(rawValue: 5), herb: TermID(rawValue: 7), prediction: told
                    )
                ]))
    }

    /// Some of them, or all, were pruned by an earlier version.
    @Test(arguments: ["seq < 0", "seq = 2", "seq > 3", "seq > 0"])
    func deltasKeepTheirNumbers(pruned: String) throws {
        let folder = try TemporaryFolder()
        let path = folder.path("old.db")
        let old = try DatabasePool(path: path)
        try Schema.migrator.migrate(old, upTo: "blocks")
        func rows(_ db: GRDB.Database) throws -> [GRDB.Row] {
            try GRDB.Row.fetchAll(
                db,
                sql: """
                    SELECT seq, run_id, diagnosis_id, type, data, at, last_diagnosis_id, hex(batch) FROM deltas
                    WHERE diagnosis_id > 0
                    """)
        }
        let before = try old.write { db in
            for number in 1...5 {
                try db.execute(
                    sql: """
                        INSERT INTO deltas (run_id, diagnosis_id, type, data, at, last_diagnosis_id, batch)
                        VALUES (\(number), 3, 'feedback_update', '{"n":\(number)}', 60, NULL, x'0\(number)')
                        """)
            }
            try db.execute(sql: "DELETE FROM deltas WHERE \(pruned)")
            return try rows(db)
        }
        try old.close()

        let database = try SQLiteDatabase(path: path, create: false)
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
        let folder = try TemporaryFolder()
        let path = folder.path("old.db")
        let old = try DatabasePool(path: path)
        try Schema.migrator.migrate(old, upTo: "outbox")
        try old.write { db in
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
        try old.close()

        let database = try SQLiteDatabase(path: path, create: false)
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

    /// A database of the version before imports and revocations had entries.
    private func databaseBeforeTheLedger(_ path: String, _ change: String = "") throws -> SQLiteDatabase {
        let old = try DatabasePool(path: path)
        try Schema.migrator.migrate(old, upTo: "keys")
        try old.write { db in
            try db.execute(
                sql: """
                    INSERT INTO imports VALUES (1, 'clinic', 0, 0), (2, 'clinic', 0, 3), (3, 'api', 0, 0);
                    INSERT INTO patients VALUES (1, 'motadel', NULL, NULL, 1), (2, 'garm_tar', 'male', 1980, 2);
                    INSERT INTO patients VALUES (3, 'motadel', NULL, NULL, 3);
                    INSERT INTO revocations (jti, at) VALUES ('t1', 0), ('t2', 0);
                    """)
            // As versions until then wrote entries: whole subjects were hashed, and stored up to their first U+0000.
            var hash = ""
            for (record, subject) in [(3, "whole"), (3, "cut\0short"), (3, "whole again")] {
                let entry = AuditEntry(
                    at: Instant(seconds: 5), subject: subject, role: "admin", request: "r", action: "patient.create",
                    record: Int64(record), before: nil,
                    after: Patient(id: PatientID(rawValue: 3), mizaj: .motadel, sex: nil, birthYear: nil).auditText)
                hash = entry.hash(after: hash)
                try db.execute(
                    sql: """
                        INSERT INTO audit (at, subject, role, request, action, record_id, before, after, hash)
                        VALUES (5000000, ?, 'admin', 'r', 'patient.create', ?, NULL, ?, ?)
                        """, arguments: [subject, record, entry.after, hash])
            }
            try db.execute(sql: change)
        }
        try old.close()
        return try SQLiteDatabase(path: path, create: false)
    }

    @Test func whatHadNoEntriesIsCountedAndStillVerified() throws {
        let folder = try TemporaryFolder()
        let database = try databaseBeforeTheLedger(folder.path("old.db"))
        let report = try database.auditReport(against: nil)
        #expect(report.problems == [])
        #expect(report.entries == 4)
        #expect(report.uncovered == 2)
        #expect(report.unverified == [2])
        // From then on everything has an entry.
        try TestClinic.random(1, patients: 20, recommendations: 9, feedback: 9, until: day("2026-01-01")).write(
            to: database, source: "other")
        try database.revoke(.token(id: "t3"), at: Instant(seconds: 9))
        let later = try database.auditReport(against: report.head)
        #expect(later.problems == [] && later.entries == 6 && later.uncovered == 2)
    }

    @Test(arguments: [
        "DELETE FROM patients WHERE patient_id = 2", "INSERT INTO patients VALUES (9, 'motadel', NULL, NULL, 2)",
        "UPDATE patients SET import_id = 1 WHERE patient_id = 3",
        "UPDATE patients SET import_id = 3 WHERE patient_id = 1",
        "DELETE FROM revocations WHERE revocation_id = 1", "UPDATE audit SET subject = 'cut\t' WHERE audit_id = 2",
        "UPDATE audit SET subject = 'else' WHERE audit_id = 1", "UPDATE audit SET after = '{}' WHERE audit_id = 4",
        "UPDATE imports SET source = 'api' WHERE import_id = 2", "DELETE FROM audit",
    ]) func whatIsChangedAfterwardsIsFoundAllTheSame(manipulation: String) throws {
        let folder = try TemporaryFolder()
        let database = try databaseBeforeTheLedger(folder.path("old.db"))
        try database.write { try $0.execute(sql: "PRAGMA foreign_keys = OFF") }
        try database.write { try $0.execute(sql: manipulation) }
        #expect(try database.auditReport(against: nil).problems != [], "\(manipulation)")
    }

    @Test("answers to keys of older versions are repeated in any role, where the records are owned")
    func keysWithoutRoles() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("old.db")
        let old = try DatabasePool(path: path)
        try Schema.migrator.migrate(old, upTo: "ledger")
        try old.write { db in
            try db.execute(
                sql:
                    "INSERT INTO idempotency_keys VALUES ('a', 'k', 'f', 201, 'answer', 5000000), ('b', 'k', 'f', 1, '', 0)"
            )
        }
        try old.close()
        let database = try SQLiteDatabase(path: path, create: false)
        var clinic = TestClinic()
        let patient = clinic.patient()
        clinic.recommendation("mint", for: "insomnia", to: patient, on: day("1970-01-01"))
        try clinic.write(to: database)
        func end(_ requester: Requester, fingerprint: String = "f") throws -> WriteReceipt.End? {
            let draft = FeedbackDraft(
                recommendation: RecommendationID(rawValue: 1),
                judgement: Judgement(
                    rating: .defaultSuccess, improvement: nil, compliance: nil, sideEffects: [], comment: nil))
            let order = WriteOrder(
                requester: requester, request: "r", idempotency: IdempotencyKey(text: "k", fingerprint: fingerprint),
                change: .submit([draft])
            ) { _ in WriteAnswer(status: 201, body: "new") }
            let rules = WriteRules(
                editTime: 1, feedbackTrigger: 5, feedbackPerDay: 9, timezone: .utc, successRating: .defaultSuccess)
            return try database.write([order], rules: rules, at: Instant(seconds: 9)).first?.end
        }
        let stored = WriteReceipt.End.written(WriteAnswer(status: 201, body: "answer"), repeated: true)
        #expect(try end(Requester(subject: "a", role: .patient, patient: patient)) == stored)
        #expect(try end(Requester(subject: "a", role: .clinician, patient: nil)) == stored)
        #expect(try end(Requester(subject: "a", role: .clinician, patient: nil), fingerprint: "g") == .keyTaken)
        #expect(
            try end(Requester(subject: "a", role: .patient, patient: PatientID(rawValue: 2)))
                == .refused([0: .missing("recommendation 1")]))
        #expect(try database.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM idempotency_keys") } == 2)
    }

    @Test("revocations keep their numbers")
    func revocationsKeepTheirNumbers() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("old.db")
        let old = try DatabasePool(path: path)
        try Schema.migrator.migrate(old, upTo: "ledger")
        try old.write { db in
            try db.execute(
                sql: """
                    INSERT INTO revocations VALUES (3, 't', NULL, NULL, 1), (5, NULL, 's', 7, 2), (9, 'x', NULL, NULL, 3);
                    DELETE FROM revocations WHERE revocation_id = 9
                    """)
        }
        try old.close()
        let database = try SQLiteDatabase(path: path, create: false)
        let until = Instant(microseconds: 7)
        #expect(try database.revocations(after: 0).revoked == [.token(id: "t"), .subject("s", issuedUntil: until)])
        try database.revoke(.everyone(issuedUntil: until), at: until)
        let (revoked, last) = try database.revocations(after: 5)
        #expect(revoked == [.everyone(issuedUntil: until)] && last == 10)
    }

    @Test("what was released before goes, and nothing is noted of releases")
    func releasesBeginAnew() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("old.db")
        let old = try DatabasePool(path: path)
        try Schema.migrator.migrate(old, upTo: "general revocations")
        try old.write { db in
            try db.execute(
                sql: """
                    INSERT INTO public_months VALUES (20727, 1);
                    INSERT INTO feedback_origins VALUES (1, 1);
                    """)
        }
        try old.close()
        let database = try SQLiteDatabase(path: path, create: false)
        #expect(try database.notedReleases() == NotedReleases())
        let gone = ["public_blocks", "public_months", "feedback_origins"]
        let tables = try database.read { try String.fetchAll($0, sql: "SELECT name FROM sqlite_schema") }
        #expect(gone.allSatisfy { !tables.contains($0) } && tables.contains("releases"))
        #expect(try database.problem() == nil)
    }
}
