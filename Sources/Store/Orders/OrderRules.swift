import Domain

/// The rules that decide whether an order is refused. They read no clock and no database.
struct OrderRules {
    /// The rules of the clinic.
    let clinic: WriteRules
    /// When the orders are processed.
    let now: Instant

    // MARK: Ownership

    /// Refuses feedback on a recommendation that the requester may not know of.
    ///
    /// - Parameter owner: the patient of the recommendation; `nil` where there is no such recommendation.
    func ownershipRefusal(
        of recommendation: RecommendationID, ownedBy owner: PatientID?, requester: Requester
    ) -> WriteRefusal? {
        guard let owner, requester.owns(recordsOf: owner) else { return .missing("recommendation \(recommendation)") }
        return nil
    }

    /// Refuses a change of a feedback that the requester may not know of, or did not write.
    ///
    /// - Parameters:
    ///   - owner: the patient of its recommendation.
    ///   - author: the subject that gave it; `nil` for imported feedback, whose author is the patient.
    func ownershipRefusal(
        of feedback: Feedback, ownedBy owner: PatientID?, author: String?, requester: Requester
    ) -> WriteRefusal? {
        guard let owner, requester.owns(recordsOf: owner) else { return .missing("feedback \(feedback.id)") }
        let isAuthor = author.map { $0 == requester.subject } ?? (requester.patient == owner)
        return isAuthor || requester.role == .admin ? nil : .notTheAuthor
    }

    // MARK: Time

    /// Refuses a change of a feedback that was given longer ago than feedback may be changed.
    func editWindowRefusal(of feedback: Feedback) -> WriteRefusal? {
        let age = now.microseconds - feedback.createdAt.microseconds
        return age <= clinic.editTime * 1_000_000 ? nil : .tooLate(clinic.editTime)
    }

    /// Whether the daily limit of feedback on a recommendation applies: services write what other programs collected, and admins
    /// correct mistakes.
    func isLimited(_ requester: Requester) -> Bool { requester.role != .service && requester.role != .admin }

    /// The instants from which and before which the clinic's present day lasts.
    var today: (start: Instant, end: Instant) {
        let today = clinic.timezone.day(of: now)
        return (clinic.timezone.instant(on: today, hour: 0), clinic.timezone.instant(on: today + 1, hour: 0))
    }

    /// Refuses more feedback on a recommendation than a day may have.
    ///
    /// - Parameter given: the number of feedback on the recommendation today.
    func dailyLimitRefusal(of recommendation: RecommendationID, given: Int) -> WriteRefusal? {
        guard given >= clinic.feedbackPerDay else { return nil }
        let wait = (today.end.microseconds - now.microseconds + 999_999) / 1_000_000
        return .tooMany(recommendation, limit: clinic.feedbackPerDay, retryAfter: max(wait, 1))
    }

    // MARK: Trigger

    /// Whether so much feedback on one recommendation that is newer than the published results triggers a computation.
    func triggersRun(unpublished count: Int) -> Bool { count >= clinic.feedbackTrigger }
}
