import Domain
import Store

/// What feedback says together. A recommendation is of one patient, so that what was said of it is told to them and to the
/// clinic's staff; to anybody, what was said of all of them, as far as it is released.
struct FeedbackFigureRoutes {
    let clinic: ClinicService

    var endpoints: [Endpoint] { [summary, trend, mostEffective, sideEffects, statistics] }

    private static let onlyOwn =
        "A recommendation is of one patient, so that only they and the clinic's staff are told."

    private func recommendation(
        _ path: String, _ summary: String, _ properties: [Schema.Property],
        _ answer: @escaping @Sendable (RecommendationID, any ClinicRecords) throws -> KeyValuePairs<String, JSON>?
    ) -> Endpoint {
        Endpoint(
            method: .get, path: path, group: .feedback, summary: summary, details: Self.onlyOwn,
            parameters: [.path(path.contains("{id}") ? "id" : "recommendation_id", .id, "The recommendation.")],
            success: .init(
                "The figures, or that they are withheld.",
                .any(of: [
                    .object([.init("withheld", .boolean), .init("recommendation_id", .id)] + properties), .withheld,
                ])),
            handler: .open(
                exact: { [clinic] call, requester in
                    try await clinic.readRecords { records in
                        let id: RecommendationID = call.id(path.contains("{id}") ? "id" : "recommendation_id")
                        guard try records.isOwned(id, by: requester), let members = try answer(id, records)
                        else { return nil }
                        return Answer(
                            JSON.object([]).adding(["withheld": false, "recommendation_id": JSON(id)]).adding(members))
                    }
                }, released: { _ in .withheld }))
    }

    private var summary: Endpoint {
        recommendation(
            "/api/feedback/recommendation/{id}/summary", "What was said of a recommendation",
            [.init("samples", .count), .init("successes", .count)] + Schema.means + [
                .init(
                    "ratings", .array(of: .count, atLeast: 5, atMost: 5), "How often each rating from 1 to 5 was given."
                )
            ] + Schema.sideEffectList + [
                .init("newest_at", .optional(.instant))
            ]
        ) { [success = clinic.settings.successRating] id, records in
            guard let summary = try records.summary(of: id) else { return nil }
            let means = summary.tally.meanMembers
            return [
                "samples": JSON(summary.tally.samples),
                "successes": JSON(summary.ratings.dropFirst(success.value - 1).reduce(0, +)),
                means[0].key: means[0].value, means[1].key: means[1].value, means[2].key: means[2].value,
                "ratings": JSON(summary.ratings.map { JSON($0) }),
                "side_effects": JSON(sideEffects: summary.sideEffects),
                "side_effects_total": JSON(summary.sideEffectCount), "newest_at": JSON(summary.newest),
            ]
        }
    }

    private var trend: Endpoint {
        recommendation(
            "/api/feedback/recommendation/{id}/trend", "How what was said of a recommendation changed by month",
            [
                .init(
                    "months",
                    .array(
                        of: .object([
                            .init("month", .text, "Such as 2026-10, in the clinic's time zone."),
                            .init("samples", .count), .init("mean_rating", .optional(.number(1...5))),
                        ])))
            ]
        ) { [zone = clinic.settings.timezone] id, records in
            var months: [String: (samples: Int, ratings: Int)] = [:]
            for feedback in try records.feedback(on: id) {
                let month = String("\(zone.day(of: feedback.createdAt))".prefix(7))
                months[month, default: (0, 0)].samples += 1
                months[month, default: (0, 0)].ratings += feedback.rating.value
            }
            let sorted = months.sorted { $0.key < $1.key }
            return [
                "months": JSON(
                    sorted.map { month, sums in
                        [
                            "month": .text(month), "samples": JSON(sums.samples),
                            "mean_rating": JSON(Double(sums.ratings) / Double(sums.samples)),
                        ]
                    })
            ]
        }
    }

    private var sideEffects: Endpoint {
        recommendation(
            "/api/feedback/side-effects/{recommendation_id}", "The side effects that were told of a recommendation",
            [.init("samples", .count)] + Schema.sideEffectList
        ) { id, records in
            guard let summary = try records.summary(of: id) else { return nil }
            return [
                "samples": JSON(summary.tally.samples), "side_effects": JSON(sideEffects: summary.sideEffects),
                "side_effects_total": JSON(summary.sideEffectCount),
            ]
        }
    }

    private var mostEffective: Endpoint {
        Endpoint(
            method: .get, path: "/api/feedback/recommendation/{id}/most-effective", group: .feedback,
            summary: "What works best for the condition that a recommendation is for",
            details: Self.onlyOwn + " The patient sees released figures, staff all.",
            parameters: [.path("id", .id, "The recommendation.")],
            success: .init(
                "The treatments of the condition, the best first, or by name where they are released figures.",
                Schema.figures(
                    [.init("treatments", .array(of: .effectiveness))],
                    released: [.init("treatments", .array(of: PublicSubject.schema))])), problems: [.notFound],
            handler: .open(
                exact: { [clinic] call, requester in
                    let id = call.id(of: Recommendation.self)
                    if let staff = StaffAccess(requester) {
                        return try await clinic.read(as: staff) { [figures = clinic.figures] records, results in
                            guard let condition = try Self.condition(of: id, by: requester, records),
                                let term = try records.term(condition, .condition)
                            else { return nil }
                            return try FigureQuestion.best(condition: term).answer(from: figures.published(results))
                                .map { Answer($0) }
                        }
                    }
                    let released = try await clinic.publicFigures()
                    return try await clinic.readRecords { records in
                        try Self.condition(of: id, by: requester, records).map {
                            PublicAnswer.figures(.treatments(ofCondition: $0), released).answer
                        }
                    }
                }, released: { _ in .withheld }))
    }

    /// The condition that a recommendation is for; `nil` where it is not the requester's to see.
    private static func condition(
        of id: RecommendationID, by requester: Requester, _ records: any ClinicRecords
    ) throws -> String? {
        guard try records.isOwned(id, by: requester), let recommendation = try records.recommendation(id) else {
            return nil
        }
        return try records.diagnosis(recommendation.diagnosis)?.condition
    }

    private var statistics: Endpoint {
        Endpoint(
            method: .get, path: "/api/feedback/statistics", group: .feedback, summary: "All feedback together",
            success: .init(
                "The figures, or that they are withheld.",
                Schema.figures(
                    [.init("figures", .effectiveness)], released: [.init("figures", PublicSubject.schema)])),
            problems: [.notFound],
            handler: .open(
                exact: { [clinic] _, requester in try await clinic.exact(for: requester) { _ in .overall } },
                released: { .figures(.overall, $0.figures) }))
    }
}
