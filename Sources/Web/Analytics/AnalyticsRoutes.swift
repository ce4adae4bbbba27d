import Domain
import Statistics
import Store

/// Analytics: how well things work, and whether that is changing.
struct AnalyticsRoutes {
    let clinic: ClinicService

    /// Recommendations that a batch may have.
    static let largestBatch = 100

    var endpoints: [Endpoint] {
        [
            recommendation, diagnosis, trending, worst, named("condition", .condition), named("herb", .herb), calculate,
            calculateBatch,
        ]
    }

    // MARK: One patient's

    private static let ownDetails =
        "Staff get what the last run published. Patients get their own feedback as it is now, without `adjusted`, which "
        + "depends on others."

    private static func ownFigures(_ name: String) -> Schema {
        .object([.init(name, .id), .init("as_of", .optional(.day)), .init("figures", .optional(.effectiveness))])
    }

    private var recommendation: Endpoint {
        Endpoint(
            method: .get, path: "/api/recommendation/{id}/effectiveness", group: .analytics,
            summary: "How well a recommendation worked", details: Self.ownDetails,
            parameters: [.path("id", .id, "The recommendation.")],
            success: .init("The figures of it.", Self.ownFigures("recommendation_id")),
            problems: [.notFound],
            handler: .divided(
                patient: { [clinic] call, requester in
                    try await clinic.readRecords { records in
                        let id = try records.owned(call.id(of: Recommendation.self), by: requester)
                        return Answer(
                            ownFigures(
                                "recommendation_id", id.rawValue, .recommendation, .recommendation(id),
                                of: try records.feedback(on: id)))
                    }
                },
                staff: { [clinic] call, staff in
                    try await clinic.read(as: staff) { records, results in
                        let id = try records.owned(call.id(of: Recommendation.self), by: staff.requester)
                        return Answer(try Self.figures(of: id, results))
                    }
                }))
    }

    private static func figures(of recommendation: RecommendationID, _ results: any PublishedResults) throws -> JSON {
        try figures(
            "recommendation_id", recommendation.rawValue, .recommendation, .recommendation(recommendation), results)
    }

    private static func figures(
        _ name: String, _ id: Int64, _ level: Level, _ subject: Subject, _ results: any PublishedResults
    ) throws -> JSON {
        let tallies = try results.tallies(at: level, of: subject)
        let priors = try results.priors()[level] ?? [:]
        // A q-value takes all tests of the level, and those of single records are too many for an answer.
        let trend = try results.trend(at: level, of: subject).map { (trend: $0, qValue: Double?.none) }
        let figures = tallies.map { tallies in
            SubjectFigures(level, subject, tallies, trend).json(name: String(id)) { priors[$0] ?? .uninformed }
        }
        return answer(name, id, asOf: try results.origins()[.effectiveness]?.asOf, figures)
    }

    private static func answer(_ name: String, _ id: Int64, asOf: Day?, _ figures: JSON?) -> JSON {
        JSON.object([.init(name: name, value: .integer(id))]).adding(["as_of": JSON(asOf), "figures": figures ?? .null])
    }

    /// The figures of a patient's own feedback as it is now: what runs published would tell when others gave theirs.
    private func ownFigures(
        _ name: String, _ id: Int64, _ level: Level, _ subject: Subject, of feedback: [Feedback]
    ) -> JSON {
        let own = clinic.settings.ownFigures
        let today = own.day(of: clinic.now())
        let tallies = own.tallies(of: feedback, asOf: today)
        let figures = WindowCounts(ofCasesIn: tallies).map { counts in
            SubjectFigures(level, subject, tallies, counts.trend.map { ($0, nil) }).json(name: String(id)) { _ in nil }
        }
        return Self.answer(name, id, asOf: today, figures)
    }

    private var diagnosis: Endpoint {
        Endpoint(
            method: .get, path: "/api/analysis/{id}/effectiveness", group: .analytics,
            summary: "How well the recommendations of a diagnosis worked together", details: Self.ownDetails,
            parameters: [.path("id", .id, "The diagnosis.")],
            success: .init("The figures of it.", Self.ownFigures("diagnosis_id")),
            problems: [.notFound],
            handler: .divided(
                patient: { [clinic] call, requester in
                    try await clinic.readRecords { records in
                        let id = try records.owned(call.id(of: Diagnosis.self), by: requester)
                        let feedback = try records.recommendations(of: id).flatMap {
                            try records.feedback(on: $0.id)
                        }
                        return Answer(ownFigures("diagnosis_id", id.rawValue, .diagnosis, .diagnosis(id), of: feedback))
                    }
                },
                staff: { [clinic] call, staff in
                    try await clinic.read(as: staff) { records, results in
                        let id = try records.owned(call.id(of: Diagnosis.self), by: staff.requester)
                        return Answer(
                            try Self.figures("diagnosis_id", id.rawValue, .diagnosis, .diagnosis(id), results))
                    }
                }))
    }

    // MARK: Of many patients

    private static let level = Parameter.query(
        "level", .word(PublishedFigures.levels.filter { $0 != .overall }.map(\.rawValue)), "What is listed.",
        standard: "treatment")
    private static let exactList: [Schema.Property] = [
        .init("subjects", .array(of: .effectiveness)), .init("next_cursor", .optional(.cursor)),
    ]
    private static let releasedList: [Schema.Property] = [
        .init("subjects", .array(of: PublicSubject.schema), "By name."), .init("next_cursor", .optional(.cursor)),
    ]

    private func window(of call: Call) -> Window { call.text("window").flatMap(Window.init) ?? .days90 }

    private func level(of call: Call) -> Level { call.text("level").flatMap(Level.init) ?? .treatment }

    private var trending: Endpoint {
        endpoint(
            "/api/analytics/trending", "What improves or declines, the surest first",
            details: "Trends are not released, so that they are withheld from anybody but staff.",
            parameters: [
                Self.level,
                .query(
                    "direction", .word([Direction.improving.rawValue, Direction.declining.rawValue]),
                    "Only these; without it both."),
            ] + Parameter.page(20), Schema.figures(Self.exactList, released: nil)
        ) { call, _ in
            .trending(level(of: call), call.text("direction").flatMap(Direction.init), FigureQuestion.Page(call))
        } released: { _ in
            nil
        }
    }

    private var worst: Endpoint {
        endpoint(
            "/api/analytics/worst-performing", "What works least, the worst first",
            details: "For anybody but staff, subjects are sorted by name, and are those with a released figure.",
            parameters: [
                Self.level,
                .query(
                    "window", .word(Window.allCases.map(\.rawValue)),
                    "The days that count; of released figures, the last month for 30, the last three for 90, and all.",
                    standard: "90"),
            ] + Parameter.page(20), Schema.figures(Self.exactList, released: Self.releasedList)
        ) { [fewest = clinic.settings.minimumSamples] call, _ in
            .worst(level(of: call), window(of: call), fewest: fewest, FigureQuestion.Page(call))
        } released: { call in
            .list(level(of: call), window(of: call).released, FigureQuestion.Page(call))
        }
    }

    private func named(_ name: String, _ kind: NameKind) -> Endpoint {
        endpoint(
            "/api/analytics/\(name)/{name}", "A \(name) and its treatments, the best first",
            details: "For anybody but staff, treatments are sorted by name, and are those with a released figure.",
            parameters: [.path("name", .name(longest: 200), "The \(name), in any spelling.")],
            Schema.figures(
                [.init("figures", .effectiveness), .init("treatments", .array(of: .effectiveness))],
                released: [
                    .init("figures", PublicSubject.schema), .init("treatments", .array(of: PublicSubject.schema)),
                ])
        ) { call, records in
            .named(kind, try records.term(call.text("name") ?? "", kind))
        } released: { call in
            .named(kind, call.text("name") ?? "")
        }
    }

    private func endpoint(
        _ path: String, _ summary: String, details: String, parameters: [Parameter], _ schema: Schema,
        _ question: @escaping @Sendable (Call, any ClinicRecords) throws -> FigureQuestion,
        released: @escaping @Sendable (Call) -> PublicQuestion?
    ) -> Endpoint {
        Endpoint(
            method: .get, path: path, group: .analytics, summary: summary, details: details, parameters: parameters,
            success: .init("The figures, or that they are withheld.", schema), problems: [.notFound],
            handler: .open(
                exact: { [clinic] call, requester in try await clinic.exact(for: requester) { try question(call, $0) }
                },
                released: { asked in released(asked.call).map { .figures($0, asked.figures) } ?? .withheld }))
    }

    // MARK: Computing

    private var calculate: Endpoint {
        Endpoint(
            method: .post, path: "/api/analytics/calculate/{id}", group: .analytics,
            summary: "Compute what feedback is new, and how well a recommendation worked by it",
            parameters: [.path("id", .id, "The recommendation.")],
            success: .init("What is published of it now.", Self.ownFigures("recommendation_id")), problems: [.notFound],
            handler: .staff { [clinic] call, staff in
                let id = call.id(of: Recommendation.self)
                return Answer(try await Self.calculate([id], clinic, staff)[0])
            })
    }

    private var calculateBatch: Endpoint {
        Endpoint(
            method: .post, path: "/api/analytics/batch/calculate", group: .analytics,
            summary: "Compute what feedback is new, and how well several recommendations worked by it",
            body: .object([.init("recommendation_ids", .array(of: .id, atLeast: 1, atMost: Self.largestBatch))]),
            success: .init(
                "What is published of each now, in their order.",
                .object([.init("results", .array(of: Self.ownFigures("recommendation_id")))])), problems: [.notFound],
            handler: .staff { [clinic] call, staff in
                let ids: [RecommendationID] = call.ids(in: "recommendation_ids")
                return Answer(["results": JSON(try await Self.calculate(ids, clinic, staff))])
            })
    }

    private static func calculate(
        _ ids: [RecommendationID], _ clinic: ClinicService, _ staff: StaffAccess
    ) async throws -> [JSON] {
        _ = try await clinic.readRecords { records in try ids.map { try records.owned($0, by: staff.requester) } }
        try await clinic.recompute.perform()
        return try await clinic.read(as: staff) { _, results in try ids.map { try figures(of: $0, results) } }
    }
}
