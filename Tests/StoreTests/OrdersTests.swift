import Domain
import GRDB
import TestSupport
import Testing

@testable import Store
@testable import StoreSQLite

/// What is written through the API: once, by whom it may be, and noted.
@Suite(.timeLimit(.minutes(30))) struct OrdersTests {
    private let folder: TemporaryFolder
    private let database: SQLiteDatabase
    private let noon = instant("2026-10-20T12:00:00Z")
    private let owner = Requester(subject: "p1", role: .patient, patient: PatientID(rawValue: 1))
    private let stranger = Requester(subject: "p2", role: .patient, patient: PatientID(rawValue: 2))
    private let admin = Requester(subject: "boss", role: .admin, patient: nil)
    private let clinician = Requester(subject: "doctor", role: .clinician, patient: nil)

    init() throws {
        folder = try TemporaryFolder()
        database = try SQLiteDatabase(path: folder.path("clinic.db"), create: true)
        var clinic = TestClinic()
        let first = clinic.patient()
        let second = clinic.patient()
        clinic.recommendation("saffron", for: "insomnia", to: first, on: day("2026-10-01"))
        clinic.recommendation("mint", for: "bloating", to: second, on: day("2026-10-01"))
        clinic.rate(RecommendationID(rawValue: 1), 3, on: day("2026-10-20"))
        try clinic.write(to: database)
    }

    private func draft(_ recommendation: Int64, _ rating: Int = 4, effects: [String] = []) -> FeedbackDraft {
        FeedbackDraft(recommendation: RecommendationID(rawValue: recommendation), judgement: judgement(rating, effects))
    }

    private func judgement(_ rating: Int, _ effects: [String] = []) -> Judgement {
        Judgement(
            rating: Rating(rating) ?? .defaultSuccess, improvement: nil, compliance: nil, sideEffects: effects,
            comment: nil)
    }

    @discardableResult
    private func write(
        _ change: RecordChange, by requester: Requester? = nil, key: String? = nil, asked: String = "x",
        parts: Bool = false, at now: Instant? = nil, editTime: Int64 = 3600, perDay: Int = 1000,
        zone: ClinicTimeZone = .utc
    ) throws -> WriteReceipt {
        let order = WriteOrder(
            requester: requester ?? owner, request: "request-1",
            idempotency: key.map { IdempotencyKey(text: $0, fingerprint: asked) }, change: change, allowsParts: parts
        ) { outcomes in
            WriteAnswer(status: 201, body: outcomes.map { "\($0)" }.joined(separator: "\n"))
        }
        let receipts = try database.write(
            [order],
            rules: WriteRules(
                editTime: editTime, feedbackTrigger: 5, feedbackPerDay: perDay, timezone: zone,
                successRating: .defaultSuccess),
            at: now ?? noon)
        return try #require(receipts.first)
    }

    private func count(_ table: String) throws -> Int {
        try database.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table)") } ?? 0
    }

    /// Entries of the audit log that are of writes through the API; one more is of the import.
    private func orderEntries() throws -> Int {
        try database.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM audit WHERE import_id IS NOT NULL") } ?? 0
    }

    private func refusals(_ receipt: WriteReceipt) -> [Int: WriteRefusal]? {
        if case .refused(let refusals) = receipt.end { refusals } else { nil }
    }

    // MARK: Once

    @Test func aKeyCountsOnce() throws {
        let first = try write(.submit([draft(1)]), key: "k")
        let second = try write(.submit([draft(1)]), key: "k")
        #expect(try count("feedback") == 2)
        guard case .written(let told, let wasRepeated) = first.end,
            case .written(let again, let isRepeated) = second.end
        else {
            Issue.record("\(first) \(second)")
            return
        }
        #expect(told == again)
        #expect(!wasRepeated && isRepeated)
        #expect(try orderEntries() == 1)
        #expect(try count("deltas") == 2)
    }

    @Test func aKeyIsOfOneSubjectAndForOneThing() throws {
        try write(.submit([draft(1)]), key: "k")
        #expect(try write(.submit([draft(1, 5)]), key: "k", asked: "y").end == .keyTaken)
        try write(.submit([draft(2)]), by: stranger, key: "k")
        #expect(try count("feedback") == 3)
    }

    @Test func aKeyOfWhatWasRefusedMayBeUsedAgain() throws {
        #expect(refusals(try write(.submit([draft(9)]), key: "k")) != nil)
        #expect(refusals(try write(.submit([draft(1)]), key: "k")) == nil)
        #expect(try count("feedback") == 2)
    }

    @Test func aKeyIsForgottenAfterADay() throws {
        try write(.submit([draft(1)]), key: "k")
        let later = Instant(seconds: noon.seconds + 86_401)
        try write(.submit([draft(1)]), key: "k", at: later)
        #expect(try count("feedback") == 3)
        #expect(try count("idempotency_keys") == 1)
    }

    private func isRepeated(_ receipt: WriteReceipt) -> Bool? {
        if case .written(_, let isRepeated) = receipt.end { isRepeated } else { nil }
    }

    @Test("a key counts for one subject in one role and for one patient", arguments: ["a", "a\0b"])
    func keysOfRequesters(subject: String) throws {
        let requesters = [
            Requester(subject: subject, role: .patient, patient: PatientID(rawValue: 1)),
            Requester(subject: subject, role: .clinician, patient: nil),
            Requester(subject: subject, role: .service, patient: nil),
            Requester(subject: "a", role: .admin, patient: nil),
        ]
        for requester in requesters {
            #expect(isRepeated(try write(.submit([draft(1)]), by: requester, key: "k")) == false)
        }
        for requester in requesters {
            #expect(isRepeated(try write(.submit([draft(1)]), by: requester, key: "k")) == true)
        }
        #expect(try count("feedback") == 5)
        // The same subject and role for another patient, who does not own the recommendation.
        let other = Requester(subject: subject, role: .patient, patient: PatientID(rawValue: 2))
        #expect(
            refusals(try write(.submit([draft(1)]), by: other, key: "k")) == [0: .missing("recommendation 1")])
        #expect(isRepeated(try write(.submit([draft(2)]), by: other, key: "k")) == false)
    }

    /// Moves the diagnosis of the first recommendation to the second patient, as an import would.
    private func moveDiagnosis() throws {
        try database.importRecords(from: "clinic", at: noon, firstNumber: 1) { writer in
            _ = try writer.write(
                Diagnosis(
                    id: DiagnosisID(rawValue: 1), patient: PatientID(rawValue: 2), condition: "insomnia", symptoms: [],
                    createdAt: instant("2026-10-01T12:00:00Z")))
        }
    }

    @Test("an answer is not repeated once the diagnosis belongs to another patient")
    func ownerChanged() throws {
        let feedback = FeedbackID(rawValue: 2)
        let orders: [(change: RecordChange, refusal: WriteRefusal)] = [
            (.submit([draft(1), draft(1)]), .missing("recommendation 1")),
            (.edit(feedback, judgement(1)), .missing("feedback 2")), (.withdraw(feedback), .missing("feedback 2")),
        ]
        for (number, order) in orders.enumerated() {
            #expect(isRepeated(try write(order.change, key: "k\(number)")) == false)
            #expect(isRepeated(try write(order.change, key: "k\(number)")) == true)
        }
        try write(.submit([draft(1)]), by: clinician, key: "k")
        try moveDiagnosis()
        for (number, order) in orders.enumerated() {
            let refused = try #require(refusals(try write(order.change, key: "k\(number)")))
            #expect(refused[0] == order.refusal)
            // As for a request without a key.
            #expect(try refusals(write(order.change)) == refused)
        }
        #expect(isRepeated(try write(.submit([draft(1)]), by: clinician, key: "k")) == true)
    }

    @Test("an answer to parts is repeated while the written ones are owned")
    func ownerOfPartsChanged() throws {
        let drafts = [draft(2), draft(1), draft(2)]
        #expect(isRepeated(try write(.submit(drafts), key: "k", parts: true)) == false)
        #expect(isRepeated(try write(.submit(drafts), key: "k", parts: true)) == true)
        try moveDiagnosis()
        #expect(
            refusals(try write(.submit(drafts), key: "k", parts: true)) == [1: .missing("recommendation 1")])
    }

    @Test("an answer is not repeated once the feedback is gone")
    func feedbackIsGone() throws {
        let feedback = FeedbackID(rawValue: 2)
        try write(.submit([draft(1)]))
        try write(.edit(feedback, judgement(1)), key: "k")
        try database.write {
            try $0.execute(
                sql: """
                    DELETE FROM feedback_authors WHERE feedback_id = 2; DELETE FROM feedback_notes WHERE feedback_id = 2;
                    DELETE FROM feedback WHERE feedback_id = 2
                    """)
        }
        #expect(refusals(try write(.edit(feedback, judgement(1)), key: "k")) == [0: .missing("feedback 2")])
    }

    // MARK: So many a day

    private func tooMany(after seconds: Int64, of recommendation: Int64 = 1) -> WriteRefusal {
        .tooMany(RecommendationID(rawValue: recommendation), limit: 3, retryAfter: seconds)
    }

    /// The recommendation has one feedback of the day already, which was imported.
    @Test func aDayTakesSoManyOnARecommendation() throws {
        for _ in 1...2 { #expect(refusals(try write(.submit([draft(1)]), perDay: 3)) == nil) }
        #expect(refusals(try write(.submit([draft(1)]), perDay: 3)) == [0: tooMany(after: 43_200)])
        #expect(try count("feedback") == 3)
        #expect(try count("audit WHERE action = 'feedback.submit'") == 2)
        #expect(refusals(try write(.submit([draft(2)]), by: stranger, perDay: 3)) == nil)
        let tomorrow = instant("2026-10-21T00:00:00Z")
        #expect(refusals(try write(.submit([draft(1)]), at: tomorrow, perDay: 3)) == nil)
    }

    @Test func withdrawnFeedbackCounts() throws {
        try write(.submit([draft(1), draft(1)]), perDay: 3)
        for feedback in 2...3 { try write(.withdraw(FeedbackID(rawValue: Int64(feedback)))) }
        #expect(refusals(try write(.submit([draft(1)]), perDay: 3)) == [0: tooMany(after: 43_200)])
    }

    @Test func aBatchCountsWithinItself() throws {
        let drafts = [draft(1), draft(1), draft(1), draft(1)]
        let refused = try write(.submit(drafts), perDay: 3)
        #expect(refusals(refused) == [2: tooMany(after: 43_200), 3: tooMany(after: 43_200)])
        #expect(try count("feedback") == 1)
        let parts = try write(.submit(drafts), parts: true, perDay: 3)
        guard case .written = parts.end else {
            Issue.record("\(parts)")
            return
        }
        #expect(try count("feedback") == 3)
    }

    @Test func aDayIsThatOfTheClinic() throws {
        let zone = try #require(ClinicTimeZone(identifier: "Asia/Tehran"))
        // Midnight in Tehran is at 20:30 UTC; what is left of the second counts as a whole one.
        for _ in 1...2 { try write(.submit([draft(1)]), at: noon, perDay: 3, zone: zone) }
        let eve = Instant(microseconds: instant("2026-10-20T20:29:59Z").microseconds + 300_000)
        #expect(refusals(try write(.submit([draft(1)]), at: eve, perDay: 3, zone: zone)) == [0: tooMany(after: 1)])
        let midnight = instant("2026-10-20T20:30:00Z")
        #expect(refusals(try write(.submit([draft(1)]), at: midnight, perDay: 3, zone: zone)) == nil)
    }

    @Test(arguments: Role.allCases) func servicesAndAdminsAreNotLimited(role: Role) throws {
        let requester = Requester(subject: "s", role: role, patient: role == .patient ? PatientID(rawValue: 1) : nil)
        try write(.submit([draft(1), draft(1)]), perDay: 3)
        let isLimited = role == .patient || role == .clinician
        let receipt = try write(.submit([draft(1)]), by: requester, perDay: 3)
        #expect(refusals(receipt) == (isLimited ? [0: tooMany(after: 43_200)] : nil))
    }

    // MARK: All or nothing

    @Test func oneThatIsRefusedRefusesAll() throws {
        let receipt = try write(.submit([draft(1), draft(2), draft(1)]))
        #expect(refusals(receipt) == [1: .missing("recommendation 2")])
        #expect(try count("feedback") == 1)
        #expect(try orderEntries() == 0)
        #expect(try count("deltas") == 0)
        // What was undone is not remembered: the next stands as if the other had never been.
        try write(.submit([draft(1, 5, effects: ["headache"])]))
        #expect(try database.auditReport(against: nil).problems == [])
    }

    @Test func partsAreWrittenWhereTheyMayBe() throws {
        let receipt = try write(.submit([draft(1), draft(2), draft(1)]), parts: true)
        guard case .written = receipt.end else {
            Issue.record("\(receipt)")
            return
        }
        #expect(try count("feedback") == 3)
    }

    @Test func ordersOfOneTransactionStandByThemselves() throws {
        func order(_ change: RecordChange) -> WriteOrder {
            WriteOrder(requester: owner, request: "r", idempotency: nil, change: change) { _ in
                WriteAnswer(status: 201, body: "")
            }
        }
        let receipts = try database.write(
            [order(.submit([draft(1)])), order(.submit([draft(2)])), order(.submit([draft(1)]))],
            rules: WriteRules(
                editTime: 1, feedbackTrigger: 2, feedbackPerDay: 1000, timezone: .utc,
                successRating: .defaultSuccess), at: noon)
        #expect(receipts.map { refusals($0) != nil } == [false, true, false])
        #expect(receipts.map(\.callsForRun) == [true, false, true])
        #expect(try count("feedback") == 3)
        #expect(try orderEntries() == 2)
    }

    // MARK: Who may

    @Test func nobodyLearnsOfWhatIsOfOthers() throws {
        #expect(refusals(try write(.submit([draft(1)]), by: stranger)) == [0: .missing("recommendation 1")])
        #expect(refusals(try write(.submit([draft(99)]), by: stranger)) == [0: .missing("recommendation 99")])
        try write(.submit([draft(1)]))
        let feedback = FeedbackID(rawValue: 2)
        #expect(refusals(try write(.edit(feedback, judgement(1)), by: stranger)) == [0: .missing("feedback 2")])
        #expect(refusals(try write(.withdraw(feedback), by: stranger)) == [0: .missing("feedback 2")])
    }

    @Test func onlyTheAuthorAndAdminsChangeIt() throws {
        try write(.submit([draft(1)]))
        let feedback = FeedbackID(rawValue: 2)
        #expect(refusals(try write(.edit(feedback, judgement(1)), by: clinician)) == [0: .notTheAuthor])
        #expect(refusals(try write(.edit(feedback, judgement(1)), by: owner)) == nil)
        #expect(refusals(try write(.edit(feedback, judgement(2)), by: admin)) == nil)
        #expect(try database.readClinic { records, _ in try records.feedback(feedback)?.rating } == Rating(2))
        #expect(refusals(try write(.withdraw(feedback), by: owner)) == nil)
        #expect(refusals(try write(.withdraw(feedback), by: owner)) == [0: .missing("feedback 2")])
        #expect(refusals(try write(.edit(feedback, judgement(5)), by: admin)) == [0: .missing("feedback 2")])
    }

    @Test func whatAClinicianGaveIsTheirsToChange() throws {
        try write(.submit([draft(1)]), by: clinician)
        #expect(refusals(try write(.edit(FeedbackID(rawValue: 2), judgement(1)), by: owner)) == [0: .notTheAuthor])
        #expect(refusals(try write(.edit(FeedbackID(rawValue: 2), judgement(1)), by: clinician)) == nil)
    }

    @Test func theAuthorOfWhatWasImportedIsThePatient() throws {
        #expect(refusals(try write(.edit(FeedbackID(rawValue: 1), judgement(5)), by: clinician)) == [0: .notTheAuthor])
        #expect(refusals(try write(.edit(FeedbackID(rawValue: 1), judgement(5)), by: owner)) == nil)
    }

    @Test func theTimeForChangesEnds() throws {
        try write(.submit([draft(1)]))
        let feedback = FeedbackID(rawValue: 2)
        let end = Instant(seconds: noon.seconds + 3600)
        #expect(refusals(try write(.edit(feedback, judgement(1)), at: end)) == nil)
        let late = Instant(microseconds: end.microseconds + 1)
        #expect(refusals(try write(.edit(feedback, judgement(2)), at: late)) == [0: .tooLate(3600)])
        #expect(refusals(try write(.withdraw(feedback), by: admin, at: late)) == [0: .tooLate(3600)])
    }

    // MARK: Records

    @Test func recordsGetTheNumberTheyBringOrTheNext() throws {
        func patient(_ id: Int64?, born: Int? = nil) -> NewRecord<Patient> {
            NewRecord(
                id: id.map(PatientID.init(rawValue:)),
                record: Patient(id: PatientID(rawValue: 0), mizaj: .garmTar, sex: nil, birthYear: born))
        }
        try write(.addPatients([patient(nil), patient(50), patient(nil)]), by: admin)
        let ids = try database.read { try Int64.fetchAll($0, sql: "SELECT patient_id FROM patients ORDER BY 1") }
        #expect(ids == [1, 2, 3, 50, 51])
        // The same again is as it was asked to be; something else under the number is not.
        #expect(refusals(try write(.addPatients([patient(50)]), by: admin)) == nil)
        #expect(refusals(try write(.addPatients([patient(50, born: 1980)]), by: admin)) == [0: .taken("patient 50")])
        #expect(try orderEntries() == 3)
    }

    @Test func whatARecordRefersToMustBeThere() throws {
        let new = NewRecord(
            id: nil,
            record: Recommendation(
                id: .init(rawValue: 0), diagnosis: .init(rawValue: 77), herb: "mint", createdAt: noon))
        #expect(refusals(try write(.addRecommendations([new]), by: admin)) == [0: .missing("diagnosis 77")])
    }

    // MARK: Strange ids

    private func newPatient(_ id: Int64? = nil) -> NewRecord<Patient> {
        NewRecord(
            id: id.map(PatientID.init(rawValue:)),
            record: Patient(id: PatientID(rawValue: 0), mizaj: .garmTar, sex: nil, birthYear: nil))
    }

    private static let largest = PatientID.largest
    private static let highIDs: [[Int64]] = [
        [.max], [.max - 1, .max], [largest], [largest - 1, largest], [largest - 1, largest, .max],
    ]

    @Test("records with ids up to or above the largest do not stop writes", arguments: highIDs)
    func strangeIDs(ids: [Int64]) throws {
        try database.write { db in
            for id in ids {
                try db.execute(
                    sql: """
                        INSERT INTO patients VALUES (\(id), 'motadel', NULL, NULL, 1);
                        INSERT INTO diagnoses SELECT \(id), 1, condition_id, symptom_set_id, created_at, 1 FROM diagnoses
                            WHERE diagnosis_id = 1;
                        INSERT INTO recommendations SELECT \(id), 1, herb_id, created_at, 1 FROM recommendations
                            WHERE recommendation_id = 1;
                        INSERT INTO feedback SELECT \(id), 1, 5, NULL, NULL, created_at, NULL, 1 FROM feedback
                            WHERE feedback_id = 1;
                        """)
            }
        }
        #expect(refusals(try write(.submit([draft(1), draft(1)]))) == nil)
        #expect(refusals(try write(.addPatients([newPatient(), newPatient(1000), newPatient()]), by: admin)) == nil)
        let (feedback, patients) = try database.read { db in
            try (
                Int64.fetchAll(db, sql: "SELECT feedback_id FROM feedback WHERE feedback_id < 10000"),
                Int64.fetchAll(db, sql: "SELECT patient_id FROM patients WHERE patient_id < 10000")
            )
        }
        #expect(feedback == [1, 2, 3] && patients == [1, 2, 3, 1000, 1001])
        let strange = try database.recordsOutOfRange()
        let highest = ids.max() ?? 0
        #expect(strange.map(\.id) == Array(repeating: highest, count: highest > Self.largest ? 4 : 0))
        // What computes and reads goes on.
        _ = try database.recordBounds()
        let read = try database.clinic(asOf: day("2026-10-20"), in: .utc)
        #expect(read.cases.count == 3 + ids.count)
        // Imports number rows as well.
        try database.importRecords(from: "other", at: noon, firstNumber: 1) { writer in
            let number = try writer.giveNumber(nil, to: .text("x"), kind: .patient)
            #expect(number == 1002)
            #expect(try writer.giveNumber(nil, to: .text("y"), kind: .patient) == 1003)
        }
    }

    @Test("the ids that are left between high ones are taken first")
    func idsInGaps() throws {
        let largest = PatientID.largest
        try database.write { db in
            for id in [largest, largest - 1, largest - 3, largest - 5] {
                try db.execute(sql: "INSERT INTO patients VALUES (\(id), 'motadel', NULL, NULL, 1)")
            }
        }
        let news = (0..<4).map { _ in newPatient() }
        #expect(refusals(try write(.addPatients(news), by: admin)) == nil)
        let ids = try database.read {
            try Int64.fetchAll($0, sql: "SELECT patient_id FROM patients WHERE import_id > 1 ORDER BY 1")
        }
        #expect(ids == [3, 4, largest - 4, largest - 2])
    }

    private static let fullTables: [(statement: String, table: String)] = [
        ("INSERT INTO imports VALUES (9223372036854775807, 'x', 0, 0, 1)", "imports"),
        ("INSERT INTO deltas VALUES (9223372036854775807, 0, 1, 'feedback_update', '{}', 0, NULL, NULL)", "deltas"),
        ("UPDATE audit SET audit_id = 9223372036854775807", "audit"),
    ]

    @Test("a table without free numbers is named", arguments: fullTables)
    func noFreeNumber(statement: String, table: String) throws {
        try database.write { try $0.execute(sql: statement) }
        let error = StoreError.noFreeNumber(location: folder.path("clinic.db"), table: table, id: .max)
        #expect(throws: error) { try write(.submit([draft(1)])) }
        #expect(try count("feedback") == 1)
        if table != "imports" {
            let broadcast = Broadcast(
                diagnosis: DiagnosisID(rawValue: 1), kind: .feedback, data: "{}", requester: admin, request: "r")
            let writer = try database.broadcastWriter()
            #expect(throws: error) { try writer.commit([broadcast], at: noon) }
        }
    }

    // MARK: What follows

    @Test func followersAreToldHowFeedbackStands() throws {
        try write(.submit([draft(1, 5, effects: ["Headache", "nausea"]), draft(1, 4, effects: ["headache"])]))
        let page = try database.outbox(after: 0, limit: 10) { _ in true }
        #expect(page.deltas.map(\.change.kind) == [.feedback, .effectiveness])
        #expect(page.deltas.map(\.change.audience) == [nil, .patient])
        let update = FeedbackUpdate(
            recommendation: RecommendationID(rawValue: 1), samples: 3, ratingSum: 12, improvements: 0,
            improvementSum: 0,
            sideEffects: [
                FeedbackUpdate.SideEffect(name: "Headache", count: 2),
                FeedbackUpdate.SideEffect(name: "nausea", count: 1),
            ],
            sideEffectCount: 2)
        #expect(page.deltas.first?.change == .feedback(update))
    }

    @Test func everyFifthCallsForARun() throws {
        // The imported one is not published either.
        let calls = try (1...6).map { _ in try write(.submit([draft(1)])).callsForRun }
        #expect(calls == [false, false, false, true, true, true])
    }

    @Test func listsThatBeginWithWhatJoinsStayLists() throws {
        // A skin tone, which text treats as a part of the character before it.
        let effects = ["headache", "\u{1F3FB}tone"]
        try write(.submit([draft(1, 5, effects: effects)]))
        #expect(
            try database.readClinic { records, _ in try records.feedback(.init(rawValue: 2))?.sideEffects } == effects)
    }

    // MARK: The audit log

    private static let manipulations = [
        "UPDATE audit SET subject = 'nobody' WHERE audit_id = 3",
        "UPDATE audit SET after = replace(after, '\"rating\":5', '\"rating\":1') WHERE audit_id = 3",
        "UPDATE audit SET at = at + 1 WHERE audit_id = 2", "UPDATE audit SET before = NULL WHERE audit_id = 4",
        "DELETE FROM audit WHERE audit_id = 3", "DELETE FROM audit WHERE audit_id = 2",
        "DELETE FROM audit WHERE audit_id = 4",
        "UPDATE audit SET audit_id = -9223372036854775808 WHERE audit_id = 3",
        "UPDATE audit SET audit_id = 9223372036854775807 WHERE audit_id = 3",
        "UPDATE audit SET at = 9223372036854775807 WHERE audit_id = 2",
        "UPDATE feedback SET rating = 5 WHERE feedback_id = 3", "DELETE FROM audit",
        "UPDATE feedback_notes SET comment = 'other' WHERE feedback_id = 2",
        "INSERT INTO feedback SELECT 9, recommendation_id, 5, NULL, NULL, created_at, NULL, import_id FROM feedback WHERE feedback_id = 2",
    ]

    @Test(arguments: manipulations) func whatWasTamperedWithShows(_ manipulation: String) throws {
        try write(.submit([draft(1, 5, effects: ["headache"])]))
        try write(.submit([draft(1, 5)]))
        try write(.edit(FeedbackID(rawValue: 3), judgement(2)))
        let sound = try database.auditReport(against: nil)
        #expect(sound.problems == [])
        #expect(sound.entries == 4)
        try database.write { try $0.execute(sql: manipulation) }
        #expect(try database.auditReport(against: nil).problems != [])
    }

    @Test func whoMakesAllHashesAnewIsFoundByTheOneThatWasNoted() throws {
        try write(.submit([draft(1)]))
        let noted = try #require(try database.auditReport(against: nil).head)
        try write(.submit([draft(1)]))
        #expect(try database.auditReport(against: noted).problems == [])
        try database.write { db in
            try db.execute(
                sql: """
                    DELETE FROM audit WHERE audit_id > 1; UPDATE sqlite_sequence SET seq = 1 WHERE name = 'audit';
                    DELETE FROM feedback_authors; DELETE FROM feedback WHERE feedback_id > 1
                    """)
        }
        #expect(try database.auditReport(against: nil).problems == [])
        #expect(try database.auditReport(against: noted).problems != [])
    }
}
