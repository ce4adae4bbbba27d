import Domain
import Store

/// Feedback: giving it, changing it, and reading what was said.
struct FeedbackRoutes {
    let clinic: ClinicService

    /// Feedback that a batch may have.
    static let largestBatch = 50

    var endpoints: [Endpoint] { [submit, submitBatch, edit, withdraw, history, overview] }

    private var limit: String {
        "At most \(clinic.settings.api.feedbackPerDay) on one recommendation are taken on one day of the clinic, withdrawn "
            + "ones included; then the answer is 429 with Retry-After until the next day. Services and admins are not limited."
    }

    // MARK: Giving and changing

    private var submit: Endpoint {
        Endpoint(
            method: .post, path: "/api/feedback/submit", group: .feedback, summary: "Give feedback on a recommendation",
            details: "Patients on what was recommended to them, staff on any recommendation. Once "
                + "\(clinic.settings.feedbackTrigger) feedback on one recommendation are new, the results that they "
                + "affect are recomputed. \(limit)",
            body: .feedbackDraft, acceptsIdempotencyKey: true,
            success: .init("The feedback as it was written.", .feedback, status: .created),
            problems: [.notFound, .conflict],
            handler: .restricted(.everybody) { [clinic] call, requester in
                try await clinic.write(.submit([FeedbackDraft(call.body)]), call, requester) { .single($0) }
            })
    }

    private var submitBatch: Endpoint {
        Endpoint(
            method: .post, path: "/api/feedback/batch/submit", group: .feedback,
            summary: "Give several feedback at once",
            details: "All or nothing, unless all_or_nothing is false. \(limit)",
            body: .object([
                .init("feedback", .array(of: .feedbackDraft, atLeast: 1, atMost: Self.largestBatch)),
                .init("all_or_nothing", .boolean, required: false),
            ]),
            acceptsIdempotencyKey: true,
            success: .init("What came of each, in their order.", .results(of: .feedback), status: .created),
            problems: [.notFound, .conflict],
            handler: .restricted(.everybody) { [clinic] call, requester in
                let drafts = (call.body["feedback"]?.entries ?? []).map { FeedbackDraft($0) }
                return try await clinic.write(
                    .submit(drafts), call, requester, field: "feedback",
                    allowsParts: call.body["all_or_nothing"] == .boolean(false)
                ) { .several($0) }
            })
    }

    private var edit: Endpoint {
        Endpoint(
            method: .put, path: "/api/feedback/{id}", group: .feedback, summary: "Replace the judgement of a feedback",
            details:
                "By who gave it, or an admin, as long as the clinic allows. It counts on the day on which it was given.",
            parameters: [.path("id", .id, "The feedback.")], body: .feedbackEdit,
            acceptsIdempotencyKey: true, success: .init("The feedback as it stands now.", .feedback),
            problems: [.notFound, .conflict],
            handler: .restricted(.everybody) { [clinic] call, requester in
                try await clinic.write(.edit(call.id(), Judgement(call.body)), call, requester) {
                    .single($0, status: .ok)
                }
            })
    }

    private var withdraw: Endpoint {
        Endpoint(
            method: .delete, path: "/api/feedback/{id}", group: .feedback, summary: "Withdraw a feedback",
            details: "By who gave it, or an admin, as long as the clinic allows. It counts no longer.",
            parameters: [.path("id", .id, "The feedback.")],
            acceptsIdempotencyKey: true, success: .init("The feedback as it was.", .feedback),
            problems: [.notFound, .conflict],
            handler: .restricted(.everybody) { [clinic] call, requester in
                try await clinic.write(.withdraw(call.id()), call, requester) { .single($0, status: .ok) }
            })
    }

    // MARK: Reading

    private var history: Endpoint {
        Endpoint(
            method: .get, path: "/api/feedback/diagnosis/{id}/history", group: .feedback,
            summary: "The feedback of a diagnosis, the newest first",
            parameters: [.path("id", .id, "The diagnosis.")] + Parameter.page(50),
            success: .init("A page.", .page("feedback", of: .feedback)), problems: [.notFound],
            handler: .restricted(.everybody) { [clinic] call, requester in
                let page = try await clinic.readRecords { records in
                    let diagnosis = try records.owned(call.id(of: Diagnosis.self), by: requester)
                    return try records.feedback(
                        of: diagnosis, before: call.cursor.map(FeedbackID.init(rawValue:)), limit: call.limit + 1)
                }
                return Answer(.page("feedback", page, call, id: \.id.rawValue) { JSON($0) })
            })
    }

    private var overview: Endpoint {
        Endpoint(
            method: .get, path: "/api/feedback/diagnosis/{id}/overview", group: .feedback,
            summary: "What was said of each recommendation of a diagnosis",
            parameters: [.path("id", .id, "The diagnosis.")],
            success: .init("Its recommendations, and all of them together.", Self.overviewSchema),
            problems: [.notFound],
            handler: .restricted(.everybody) { [clinic] call, requester in
                let (diagnosis, said) = try await clinic.readRecords { records in
                    let id = try records.owned(call.id(of: Diagnosis.self), by: requester)
                    let said = try records.recommendations(of: id).map { recommendation in
                        (recommendation, try records.summary(of: recommendation.id))
                    }
                    return (try records.diagnosis(id), said)
                }
                return Answer(Self.overview(diagnosis, said))
            })
    }

    private static let overviewSchema = Schema.named(
        "FeedbackOverview",
        .object(
            [.init("diagnosis_id", .id), .init("condition", .text), .init("samples", .count)] + Schema.means + [
                .init(
                    "recommendations",
                    .array(
                        of: .object(
                            [.init("recommendation_id", .id), .init("herb", .text), .init("samples", .count)]
                                + Schema.means + Schema.sideEffectList + [
                                    .init("newest_at", .optional(.instant))
                                ])))
            ]))

    private static func overview(
        _ diagnosis: Diagnosis?, _ said: [(recommendation: Recommendation, summary: FeedbackSummary?)]
    ) -> JSON {
        var all = Tally()
        let recommendations = said.map { recommendation, summary -> JSON in
            let tally = summary?.tally ?? Tally()
            all += tally
            return JSON.object([])
                .adding([
                    "recommendation_id": JSON(recommendation.id), "herb": .text(recommendation.herb),
                    "samples": JSON(tally.samples),
                ])
                .adding(tally.meanMembers)
                .adding([
                    "side_effects": JSON(sideEffects: summary?.sideEffects ?? []),
                    "side_effects_total": JSON(summary?.sideEffectCount ?? 0),
                    "newest_at": JSON(summary?.newest),
                ])
        }
        return JSON.object([])
            .adding([
                "diagnosis_id": JSON(diagnosis?.id.rawValue), "condition": JSON(diagnosis?.condition),
                "samples": JSON(all.samples),
            ])
            .adding(all.meanMembers)
            .adding(["recommendations": JSON(recommendations)])
    }
}
