import Domain
import GRDB
import TestSupport
import Testing

@testable import Store
@testable import StoreSQLite

/// Results that earlier versions published in rows are in pages.
@Suite(.timeLimit(.minutes(30))) struct ResultMigrationTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func resultsThatStoodInRowsStandInPages() throws {
        let subjects: [(level: Level, subject: Int64)] = [
            (.recommendation, 1), (.recommendation, 255), (.recommendation, 256), (.recommendation, 70_000),
            (.treatment, 3 << 30 | 5), (.cohort, 4 << 60 | 3 << 30 | 5), (.overall, 0),
        ]
        let database = try migratedDatabase(in: folder, from: "api") { db in
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
}
