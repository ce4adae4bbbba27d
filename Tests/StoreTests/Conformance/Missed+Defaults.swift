import Domain
import Store
import TestSupport

extension Outbox {
    /// What somebody of the staff, or a patient in UTC, missed.
    func missed(
        of diagnosis: DiagnosisID, for audience: Delta.Audience = .staff, after sequence: Int64, upTo last: Int64?,
        limit: Int, bytes: Int
    ) throws -> MissedPart {
        try missed(
            of: diagnosis, for: audience, after: sequence, upTo: last, limit: limit, bytes: bytes,
            own: OwnFigures(timezone: .utc, successRating: .defaultSuccess), at: instant("2026-10-20T12:00:00Z"))
    }
}
