import Domain
import GRDB
import GRDBSQLite
import TestSupport
import Testing

@testable import Store
@testable import StoreSQLite

/// The running sums of feedback always equal what a full read of the feedback gives.
@Suite(.timeLimit(.minutes(30))) struct FeedbackSumsTests {
    private let folder: TemporaryFolder
    private let database: SQLiteDatabase

    init() throws {
        folder = try TemporaryFolder()
        database = try SQLiteDatabase(in: folder)
    }

    private func judgement(_ rating: Int = 4, _ effects: [String] = []) -> Judgement {
        Judgement(
            rating: Rating(rating) ?? .defaultSuccess, improvement: rating == 3 ? nil : Rating(6 - rating),
            compliance: rating == 2 ? nil : Compliance(Double(rating) / 7), sideEffects: effects, comment: nil)
    }

    private func draft(_ recommendation: Int64 = 1, _ judgement: Judgement) -> FeedbackDraft {
        FeedbackDraft(recommendation: RecommendationID(rawValue: recommendation), judgement: judgement)
    }

    private func write(_ change: RecordChange, at now: Instant = Orders.noon) throws {
        try database.write(change, by: .admin, at: now, rules: Orders.rules(editTime: 1_000_000_000))
    }

    private func summary(_ recommendation: Int64 = 1) throws -> FeedbackSummary {
        try #require(
            try database.readClinic { records, _ in
                try records.summary(of: RecommendationID(rawValue: recommendation))
            })
    }

    /// The summary that a read of all feedback gives.
    private func fullSummary(_ recommendation: Int64 = 1) throws -> FeedbackSummary {
        try database.read { db in
            let reader = RecordReader(db: db)
            let id = RecommendationID(rawValue: recommendation)
            let diagnosis = try #require(try reader.recommendation(id)?.diagnosis)
            return try reader.summary(of: id, in: diagnosis, limit: FeedbackSummary.maxSideEffects)
        }
    }

    private func isSummed(_ recommendation: Int64 = 1) throws -> Bool {
        try database.read { try FeedbackSums($0).exist(for: RecommendationID(rawValue: recommendation)) }
    }

    // MARK: The law

    /// Spellings of few side effects, some of which differ only in their composition.
    private static let spellings = [
        "Headache", "headache", " HEADACHE", "nausea", "Nausea", "\u{E9}", "e\u{301}", "e\u{640}\u{301}", "E\u{301}",
        "سرگیجه", "سرگيجه", "rash", "itch", "-", "\u{1F3FB}tone", "ﬁt", "fit",
    ]

    private func effects(_ random: inout TestRandom) -> [String] {
        (0..<Int.random(in: 0...4, using: &random)).compactMap { _ in Self.spellings.randomElement(using: &random) }
    }

    @Test("sums equal a full read after any submissions, edits, withdrawals and imports", arguments: 1...12)
    func law(seed: Int) throws {
        var random = TestRandom(seed)
        var clinic = TestClinic.sameTreatment(recommendations: 3)
        for number in 0..<12 {
            clinic.rate(
                RecommendationID(rawValue: Int64(number % 3 + 1)), number % 5 + 1, on: day("2026-10-02") + number,
                deleted: number == 7, sideEffects: effects(&random))
        }
        try clinic.write(to: database)
        for step in 0..<60 {
            let now = Instant(seconds: Orders.noon.seconds + Int64(Int.random(in: -20...100, using: &random)))
            let ids = try database.read { try Int64.fetchAll($0, sql: "SELECT feedback_id FROM feedback") }
            let id = FeedbackID(rawValue: ids.randomElement(using: &random) ?? 1)
            let judgement = judgement(Int.random(in: 1...5, using: &random), effects(&random))
            let recommendation = Int64.random(in: 1...3, using: &random)
            switch Int.random(in: 0..<11, using: &random) {
            case 0...3: try write(.submit([draft(recommendation, judgement), draft(1, judgement)]), at: now)
            case 4...6: try write(.edit(id, judgement), at: now)
            case 7...8: try write(.withdraw(id), at: now)
            case 9: try importAnew(&clinic, largest: ids.max() ?? 0, &random)
            default:
                let statements = [
                    "DELETE FROM feedback_notes WHERE feedback_id = \(id)",
                    "UPDATE feedback SET recommendation_id = \(recommendation) WHERE feedback_id = \(id)",
                    "UPDATE feedback_notes SET side_effects = 'rash' WHERE feedback_id = \(id)",
                    "UPDATE feedback SET created_at = created_at + 5000000 WHERE feedback_id = \(id)",
                ]
                let statement = statements.randomElement(using: &random) ?? ""
                try database.write { try $0.execute(sql: statement) }
            }
            for recommendation in 1...3 as ClosedRange<Int64> {
                #expect(try summary(recommendation) == fullSummary(recommendation), "seed \(seed), step \(step)")
            }
            #expect(try database.read(FeedbackSums.areTrue), "seed \(seed), step \(step)")
        }
        #expect(try database.problem() == nil)
    }

    /// Imports the clinic with some feedback changed, added or left out, which deletes it.
    private func importAnew(_ clinic: inout TestClinic, largest: Int64, _ random: inout TestRandom) throws {
        for position in clinic.feedback.indices where Int.random(in: 0..<4, using: &random) == 0 {
            clinic.feedback[position].sideEffects = effects(&random)
            clinic.feedback[position].rating = Rating(Int.random(in: 1...5, using: &random)) ?? .defaultSuccess
        }
        if let left = clinic.feedback.indices.randomElement(using: &random) { clinic.feedback.remove(at: left) }
        clinic.rate(
            RecommendationID(rawValue: Int64.random(in: 1...3, using: &random)), 2, on: day("2026-10-19"),
            sideEffects: effects(&random))
        clinic.feedback[clinic.feedback.count - 1].id = FeedbackID(rawValue: largest + 1)
        try database.importRecords(from: "clinic", at: Orders.noon, firstNumber: 1) { writer in
            for patient in clinic.patients { _ = try writer.write(patient) }
            for diagnosis in clinic.diagnoses { _ = try writer.write(diagnosis) }
            for recommendation in clinic.recommendations { _ = try writer.write(recommendation) }
            for feedback in clinic.feedback { _ = try writer.write(feedback) }
            _ = try writer.settle(deletesMissing: true, allowsChanges: true)
        }
    }

    @Test("only writes through the API make sums, and imports remove those of the recommendations they touch")
    func sumsComeAndGo() throws {
        var clinic = TestClinic.sameTreatment(recommendations: 2)
        clinic.rate(RecommendationID(rawValue: 1), 3, on: day("2026-10-05"), sideEffects: ["rash"])
        try clinic.write(to: database)
        #expect(try !isSummed(1) && !isSummed(2))
        try write(.submit([draft(1, judgement()), draft(2, judgement())]))
        #expect(try isSummed(1) && isSummed(2))
        clinic.feedback[0].rating = Rating(1) ?? .defaultSuccess
        try clinic.write(to: database)
        #expect(try !isSummed(1) && isSummed(2))
        for table in ["summed_feedback", "side_effect_sums", "side_effect_mentions"] {
            let rows = try database.count("\(table)")
            #expect(rows == (table == "summed_feedback" ? 1 : 0), "\(table)")
        }
    }

    // MARK: Costs

    /// Steps of the engine's virtual machine that `body` takes on the connection that writes.
    private func steps(_ body: () throws -> Void) throws -> Int {
        let counter = UnsafeMutablePointer<Int>.allocate(capacity: 1)
        counter.initialize(to: 0)
        defer { counter.deallocate() }
        func count(_ counter: UnsafeMutablePointer<Int>?) {
            database.pool.writeWithoutTransaction { db in
                sqlite3_progress_handler(
                    db.sqliteConnection, counter == nil ? 0 : 1,
                    { context in
                        context?.assumingMemoryBound(to: Int.self).pointee += 1
                        return 0
                    }, counter)
            }
        }
        count(counter)
        try body()
        count(nil)
        return counter.pointee
    }

    @Test("writes cost the same however much feedback and however many side effects there are")
    func cost() throws {
        try TestClinic.sameTreatment().write(to: database)
        var number = 0
        func submit(_ count: Int) throws {
            for _ in 0..<count {
                number += 1
                let effects = (0..<5).map { "effect \(number * 5 + $0)" }
                try write(.submit([draft(1, judgement(4, effects))]))
            }
        }
        /// A submission, an edit and a withdrawal, of the newest and of the first that mentions a side effect.
        func measure() throws -> [Int] {
            let last = try #require(
                try database.read { try Int64.fetchOne($0, sql: "SELECT max(feedback_id) FROM feedback") })
            return try [
                steps { try submit(1) },
                steps { try write(.edit(FeedbackID(rawValue: last), judgement(2, ["effect 7", "other \(last)"]))) },
                steps { try write(.withdraw(FeedbackID(rawValue: last))) },
            ]
        }
        try submit(400)
        let few = try measure()
        try submit(700)
        let many = try measure()
        for (few, many) in zip(few, many) { #expect(many < few * 5 / 4 + 100, "\(few) steps, then \(many)") }
    }
}
