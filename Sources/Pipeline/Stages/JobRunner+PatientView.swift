import Analytics
import Domain
import Store

extension JobRunner {
    /// What patients see from now on; `nil` where their view stays as it is.
    ///
    /// It moves with the first run of a day, by the clock, and never with a run that feedback triggered: so nobody can tell a
    /// single feedback from when it moves. It does not go back to an earlier as-of day. A view of a later day than today's,
    /// which a wrong clock left, is replaced.
    ///
    /// - Parameter published: the latest day that results are published of; `nil` where there are none.
    func patientView(
        of results: Results, _ linked: LinkedClinic, by order: RunOrder, after published: Day?, steps: inout RunSteps
    ) async throws -> PatientView? {
        guard let scores = results.scores, order.trigger != .feedback, !order.isFollowed else { return nil }
        let today = settings.timezone.day(of: now())
        let known = try database.readPublished { try $0.patientPublication() }
        if let known, known.day <= today {
            guard known.day < today, known.asOf <= order.asOf else { return nil }
        } else if let published, order.asOf < published - 1 {
            // A day in the past; a night is as of the day before what feedback triggered since midnight.
            return nil
        }
        return try await steps.time("patient view") {
            PatientView(day: today, predictions: patientPredictions(of: linked, scores.predictions))
        }
    }
}
