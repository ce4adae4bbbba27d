import Domain
import Store
import TestSupport

/// What tests of orders write, by whom and under which rules.
enum Orders {
    /// When orders are processed unless a test says otherwise.
    static let noon = instant("2026-10-20T12:00:00Z")

    /// Two patients, a recommendation of each, and one feedback from a file, of the day of `noon`, on the first.
    static var clinic: TestClinic {
        var clinic = TestClinic()
        let (first, second) = (clinic.patient(), clinic.patient())
        clinic.recommendation("saffron", for: "insomnia", to: first, on: day("2026-10-01"))
        clinic.recommendation("mint", for: "bloating", to: second, on: day("2026-10-01"))
        clinic.rate(RecommendationID(rawValue: 1), 3, on: day("2026-10-20"))
        return clinic
    }

    /// The rules of a clinic.
    static func rules(
        editTime: Int64 = 3600, trigger: Int = 5, perDay: Int = 1000, zone: ClinicTimeZone = .utc
    ) -> WriteRules {
        WriteRules(
            editTime: editTime, feedbackTrigger: trigger, feedbackPerDay: perDay, timezone: zone,
            successRating: .defaultSuccess)
    }
}

extension Requester {
    /// The patient of the first recommendation.
    static let owner = Requester(subject: "p1", role: .patient, patient: PatientID(rawValue: 1))
    /// The other patient.
    static let stranger = Requester(subject: "p2", role: .patient, patient: PatientID(rawValue: 2))
    static let clinician = Requester(subject: "doctor", role: .clinician, patient: nil)
    static let admin = Requester(subject: "boss", role: .admin, patient: nil)
    static let service = Requester(subject: "app", role: .service, patient: nil)
}

/// A judgement with a rating and side effects, and nothing else.
func judgement(_ rating: Int, _ effects: [String] = []) -> Judgement {
    Judgement(
        rating: Rating(rating) ?? .defaultSuccess, improvement: nil, compliance: nil, sideEffects: effects,
        comment: nil)
}

/// Feedback on a recommendation.
func draft(_ recommendation: Int64, _ rating: Int = 4, effects: [String] = []) -> FeedbackDraft {
    FeedbackDraft(recommendation: RecommendationID(rawValue: recommendation), judgement: judgement(rating, effects))
}

/// A patient to add, under a number or the next that is free.
func newPatient(_ id: Int64? = nil, born: Int? = nil) -> NewRecord<Patient> {
    NewRecord(
        id: id.map(PatientID.init(rawValue:)),
        record: Patient(id: PatientID(rawValue: 0), mizaj: .garmTar, sex: nil, birthYear: born))
}

extension WriteOrder {
    /// An order whose answer is the number of its items.
    init(_ change: RecordChange, by requester: Requester, key: IdempotencyKey? = nil, parts: Bool = false) {
        self.init(requester: requester, request: "request-1", idempotency: key, change: change, allowsParts: parts) {
            WriteAnswer(status: 201, body: "\($0.count)")
        }
    }
}

extension OrderStore {
    /// Processes one order.
    ///
    /// - Parameters:
    ///   - key: the text of its idempotency key, and `asked` what that key is for.
    ///   - parts: whether the items that can be written are written where others are refused.
    @discardableResult
    func write(
        _ change: RecordChange, by requester: Requester = .owner, key: String? = nil, asked: String = "x",
        parts: Bool = false, at now: Instant = Orders.noon, rules: WriteRules = Orders.rules()
    ) throws -> WriteReceipt {
        let order = WriteOrder(
            change, by: requester, key: key.map { IdempotencyKey(text: $0, fingerprint: asked) }, parts: parts)
        return try write([order], rules: rules, at: now)[0]
    }
}

extension WriteReceipt {
    /// Why items were refused, by their position; `nil` where the order was written.
    var refusals: [Int: WriteRefusal]? {
        if case .refused(let refusals) = end { refusals } else { nil }
    }

    /// Whether the answer is that to an earlier order; `nil` where the order was not written.
    var isRepeated: Bool? {
        if case .written(_, let isRepeated) = end { isRepeated } else { nil }
    }
}

extension Outbox {
    /// All deltas, in the order in which they were committed.
    func deltas() throws -> [Delta] { try outbox(after: 0, limit: .max) { _ in true }.deltas }
}

extension AuditLog {
    /// The entries of orders in the audit log of a database with one import, which has an entry as well. The log must be sound.
    func orderEntries() throws -> Int {
        let report = try auditReport(against: nil)
        guard report.problems.isEmpty else { throw DamagedAuditLog(problems: report.problems) }
        return report.entries - 1
    }
}

/// What is wrong with an audit log.
struct DamagedAuditLog: Error {
    let problems: [String]
}
