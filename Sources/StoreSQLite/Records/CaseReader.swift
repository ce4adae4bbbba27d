import Domain
import GRDB
import Store

/// Reads cases one by one, with what they are about.
struct CaseReader {
    let db: GRDB.Database
    let zone: ClinicTimeZone
    /// Whether side effects and comments are read.
    let notes: Bool

    /// How many cases there are up to a day.
    func count(upTo asOf: Day) throws -> Int {
        // Whole days from far enough away, and the last ones one by one.
        let statement = try Statement(
            db, "SELECT created_at FROM feedback WHERE created_at < ? AND deleted_at IS NULL")
        statement.bind(CaseSpan.end(of: asOf), at: 1)
        let start = CaseSpan.start(of: asOf)
        var days = DayFinder(zone: zone)
        var count = 0
        while try statement.step() {
            let instant = try statement.instant(0)
            if instant.microseconds < start || days.day(of: instant) <= asOf { count += 1 }
        }
        return count
    }

    /// Calls `body` with each case from a day, or the first, up to another, by ascending id.
    func forEach(from first: Day?, upTo asOf: Day, _ body: (FeedbackCase) throws -> Void) throws {
        let statement = try Statement(
            db,
            """
            SELECT f.feedback_id, f.recommendation_id, d.diagnosis_id, d.patient_id, p.mizaj, h.term_id, c.term_id,
                f.rating, f.improvement, f.compliance, f.created_at\(notes ? ", n.side_effects, n.comment" : "")
            FROM feedback f
            JOIN recommendations r ON r.recommendation_id = f.recommendation_id
            JOIN diagnoses d ON d.diagnosis_id = r.diagnosis_id
            JOIN patients p ON p.patient_id = d.patient_id
            JOIN spellings h ON h.spelling_id = r.herb_id
            JOIN spellings c ON c.spelling_id = d.condition_id
            \(notes ? "LEFT JOIN feedback_notes n ON n.feedback_id = f.feedback_id" : "")
            WHERE f.created_at >= ? AND f.created_at < ? AND f.deleted_at IS NULL ORDER BY f.feedback_id
            """)
        statement.bind(first.map(CaseSpan.start) ?? .min, at: 1)
        statement.bind(CaseSpan.end(of: asOf), at: 2)
        var days = DayFinder(zone: zone)
        while try statement.step() {
            let day = days.day(of: try statement.instant(10))
            if day > asOf || first.map({ day < $0 }) == true { continue }
            guard let mizaj = statement.text(4).flatMap(Mizaj.init) else {
                throw DatabaseError.unknown("patients.mizaj")
            }
            guard let rating = try statement.rating(7) else { throw DatabaseError.unknown("feedback.rating") }
            try body(
                FeedbackCase(
                    id: FeedbackID(rawValue: statement.int64(0)),
                    recommendation: RecommendationID(rawValue: statement.int64(1)),
                    diagnosis: DiagnosisID(rawValue: statement.int64(2)),
                    patient: PatientID(rawValue: statement.int64(3)), mizaj: mizaj,
                    herb: TermID(rawValue: statement.int64(5)), condition: TermID(rawValue: statement.int64(6)),
                    rating: rating.value, improvement: try statement.rating(8)?.value,
                    compliance: try statement.compliance(9).map { Double($0.billionths) / 1e9 }, day: day,
                    sideEffects: notes ? statement.text(11) : nil, comment: notes ? statement.text(12) : nil))
        }
    }
}

/// Which instants can belong to cases of a day, whatever the zone.
enum CaseSpan {
    /// Microseconds before which no instant is of `day` or later.
    static func start(of day: Day) -> Int64 {
        Int64((day - 1).daysSinceEpoch) * 86_400_000_000
    }

    /// Microseconds after which no instant is of `asOf` or before: no zone is more than a day from UTC. The exact day is
    /// for the reader to look at.
    static func end(of asOf: Day) -> Int64 {
        Int64((asOf + 2).daysSinceEpoch) * 86_400_000_000
    }
}
