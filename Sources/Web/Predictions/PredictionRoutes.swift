import Domain
import Reports
import Statistics
import Store

/// Predictions: what to expect of recommendations, how that came about, and how it went.
struct PredictionRoutes {
    let clinic: ClinicService

    /// Diagnoses that a batch may have.
    static let largestBatch = 20
    private static let language = Parameter.query(
        "language", .word(Language.allCases.map(\.rawValue)),
        "The language of the reasoning; without it that of Accept-Language, else that of the clinic.")

    var endpoints: [Endpoint] { [predict, optimize, evolution, accuracy, profile, batch, statistics] }

    // MARK: Predicting

    private static let predictions = Schema.any(of: [ToldPredictions.schema, PatientPredictions.schema])
    private static let patientDetails =
        " Patients see the order, a rounded score and the experience with each herb, from the first run of a day."

    private var predict: Endpoint {
        Endpoint(
            method: .get, path: "/api/predictions/diagnosis/{id}/predict", group: .predictions,
            summary: "What to expect of each recommendation of a diagnosis",
            details:
                "For staff from the last run where that is less than a day old and nothing of the diagnosis changed since, "
                + "else computed for this answer." + Self.patientDetails,
            parameters: [
                .path("id", .id, "The diagnosis."), Self.language,
                .query(
                    "similar_patients", .boolean, "Whether the similar patients are named; for staff.", standard: false),
            ],
            success: .init("The predictions, best first.", Self.predictions), problems: [.notFound],
            handler: .divided(
                patient: { [clinic] call, requester in
                    guard call.values["similar_patients"] != .boolean(true) else {
                        throw Problem(.forbidden, "similar_patients: a patient may not see who others are")
                    }
                    return Answer(try await clinic.patientPredictions(call, requester))
                },
                staff: { [clinic] call, staff in
                    let showsPatients = call.values["similar_patients"] == .boolean(true)
                    let told = try await clinic.told([call.id(of: Diagnosis.self)], by: staff, freshly: showsPatients)
                    return Answer(told[0].json(in: clinic.language(of: call), showsPatients: showsPatients))
                }))
    }

    private var optimize: Endpoint {
        Endpoint(
            method: .get, path: "/api/predictions/diagnosis/{id}/optimize", group: .predictions,
            summary: "The recommendations of a diagnosis, ranked as boldly as asked for",
            details: "For patients always at the level balanced." + Self.patientDetails,
            parameters: [
                .path("id", .id, "The diagnosis."), Self.language,
                .query(
                    "level", .word(ScoreLevel.allCases.map(\.rawValue)),
                    "conservative takes 15 % off, aggressive adds 15 % where the confidence is at least 0.7.",
                    standard: "balanced"),
            ],
            success: .init("The predictions at this level, best first.", Self.predictions), problems: [.notFound],
            handler: .divided(
                patient: { [clinic] call, requester in Answer(try await clinic.patientPredictions(call, requester)) },
                staff: { [clinic] call, staff in
                    let level = call.text("level").flatMap(ScoreLevel.init) ?? .balanced
                    let told = try await clinic.told([call.id(of: Diagnosis.self)], by: staff)
                    return Answer(told[0].json(in: clinic.language(of: call), level: level))
                }))
    }

    private var batch: Endpoint {
        Endpoint(
            method: .post, path: "/api/predictions/batch/predict", group: .predictions,
            summary: "What to expect in several diagnoses",
            body: .object([
                .init("diagnosis_ids", .array(of: .id, atLeast: 1, atMost: Self.largestBatch)),
                .init("language", .word(Language.allCases.map(\.rawValue)), required: false),
            ]),
            success: .init(
                "The predictions of each, in their order.",
                .object([.init("results", .array(of: Self.predictions))])),
            problems: [.notFound],
            handler: .divided(
                patient: { [clinic] call, requester in
                    let ids: [DiagnosisID] = call.ids(in: "diagnosis_ids")
                    let released = try await clinic.publicFigures()
                    let predictions = try await clinic.readAsPatient { records, view in
                        try ids.map { try PatientPredictions(of: $0, by: requester, records, view, released) }
                    }
                    let language = Self.language(of: call, clinic)
                    return Answer(["results": JSON(predictions.map { $0.json(in: language) })])
                },
                staff: { [clinic] call, staff in
                    let told = try await clinic.told(call.ids(in: "diagnosis_ids"), by: staff)
                    let language = Self.language(of: call, clinic)
                    return Answer(["results": JSON(told.map { $0.json(in: language) })])
                }))
    }

    /// The language that the body asks for, else the request.
    private static func language(of call: Call, _ clinic: ClinicService) -> Language {
        call.body["language"]?.string.flatMap(Language.init) ?? clinic.language(of: call)
    }

    // MARK: Looking back

    private var evolution: Endpoint {
        Endpoint(
            method: .get, path: "/api/predictions/diagnosis/{id}/evolution", group: .predictions,
            summary: "How the predictions of a diagnosis changed from run to run",
            parameters: [.path("id", .id, "The diagnosis.")],
            success: .init(
                "What was published of each recommendation, the oldest first.",
                .object([
                    .init("diagnosis_id", .id),
                    .init(
                        "evolution",
                        .array(
                            of: .object([
                                .init("recommendation_id", .id), .init("since", .day), .init("until", .optional(.day)),
                                .init(
                                    "score", .optional(.share),
                                    "For patients rounded to tenths, and null where too few."),
                                .init("confidence", .share, required: false, "For staff."), .init("rank", .count),
                            ]))),
                ])), problems: [.notFound],
            handler: .divided(
                patient: { [clinic] call, requester in
                    try await clinic.readAsPatient { records, view in
                        let diagnosis = try records.owned(call.id(of: Diagnosis.self), by: requester)
                        return Self.evolution(
                            of: diagnosis,
                            try view.pastPatientPredictions(of: diagnosis).map {
                                [
                                    "recommendation_id": JSON($0.recommendation), "since": JSON($0.since),
                                    "until": JSON($0.until), "score": JSON($0.prediction.score),
                                    "rank": JSON($0.prediction.rank),
                                ]
                            })
                    }
                },
                staff: { [clinic] call, staff in
                    try await clinic.read(as: staff) { records, results in
                        let diagnosis = try records.owned(call.id(of: Diagnosis.self), by: staff.requester)
                        return Self.evolution(
                            of: diagnosis,
                            try results.pastPredictions(of: diagnosis).map {
                                [
                                    "recommendation_id": JSON($0.recommendation), "since": JSON($0.since),
                                    "until": JSON($0.until), "score": JSON($0.prediction.score),
                                    "confidence": JSON($0.prediction.confidence), "rank": JSON($0.prediction.rank),
                                ]
                            })
                    }
                }))
    }

    private static func evolution(of diagnosis: DiagnosisID, _ entries: [JSON]) -> Answer {
        Answer(["diagnosis_id": JSON(diagnosis), "evolution": JSON(entries)])
    }

    private static let accuracySchema: [Schema.Property] = [
        .init("cases", .count, "Cases for which something had been predicted."),
        .init("mean_predicted", .optional(.share), "The mean of what was predicted of them."),
        .init("observed", .optional(.share), "The share of them that was a success."),
        .init("brier_score", .optional(.share), "The mean squared difference of the two; 0 is best."),
    ]

    private var accuracy: Endpoint {
        Endpoint(
            method: .get, path: "/api/predictions/diagnosis/{id}/accuracy", group: .predictions,
            summary: "What was predicted for a diagnosis, and what came of it",
            details:
                "Each case is held against the balanced score that was published on the day before it was given; for "
                + "patients against the rounded one that they saw.",
            parameters: [.path("id", .id, "The diagnosis.")],
            success: .init(
                "All cases together, and of each recommendation.",
                .object(
                    [.init("diagnosis_id", .id)] + Self.accuracySchema + [
                        .init(
                            "recommendations",
                            .array(of: .object([.init("recommendation_id", .id)] + Self.accuracySchema)))
                    ])), problems: [.notFound],
            handler: .divided(
                patient: { [clinic] call, requester in
                    try await clinic.readAsPatient { records, view in
                        let diagnosis = try records.owned(call.id(of: Diagnosis.self), by: requester)
                        let past = try PastScore.seen(in: view, of: diagnosis)
                        return Self.accuracy(of: diagnosis, try clinic.accuracies(of: diagnosis, records, past))
                    }
                },
                staff: { [clinic] call, staff in
                    try await clinic.read(as: staff) { records, results in
                        let diagnosis = try records.owned(call.id(of: Diagnosis.self), by: staff.requester)
                        let past = try PastScore.published(in: results, of: diagnosis)
                        return Self.accuracy(of: diagnosis, try clinic.accuracies(of: diagnosis, records, past))
                    }
                }))
    }

    private static func accuracy(
        of diagnosis: DiagnosisID, _ accuracies: [(RecommendationID, PredictionAccuracy)]
    ) -> Answer {
        var all = PredictionAccuracy()
        for (_, accuracy) in accuracies { all += accuracy }
        return Answer(
            JSON.object([]).adding(["diagnosis_id": JSON(diagnosis)]).adding(all.members).adding([
                "recommendations": JSON(
                    accuracies.map { recommendation, accuracy in
                        JSON.object([]).adding(["recommendation_id": JSON(recommendation)]).adding(accuracy.members)
                    })
            ]))
    }

    private var statistics: Endpoint {
        Endpoint(
            method: .get, path: "/api/predictions/recommendation/{id}/prediction-stats", group: .predictions,
            summary: "How a recommendation was predicted, and what came of it",
            details: "A recommendation is of one patient, so that only they and the clinic's staff are told.",
            parameters: [.path("id", .id, "The recommendation.")],
            success: .init(
                "The figures, or that they are withheld.",
                .any(of: [
                    .object(
                        [
                            .init("withheld", .boolean), .init("recommendation_id", .id), .init("published", .count),
                            .init("lowest_score", .optional(.share)), .init("highest_score", .optional(.share)),
                            .init("latest_score", .optional(.share)),
                        ] + Self.accuracySchema), .withheld,
                ])),
            handler: .open(
                exact: { [clinic] call, requester in
                    let id = call.id(of: Recommendation.self)
                    if let staff = StaffAccess(requester) {
                        return try await clinic.read(as: staff) { records, results in
                            try clinic.statistics(of: id, by: requester, records) {
                                try PastScore.published(in: results, of: $0)
                            }
                        }
                    }
                    return try await clinic.readAsPatient { records, view in
                        try clinic.statistics(of: id, by: requester, records) { try PastScore.seen(in: view, of: $0) }
                    }
                }, released: { _ in .withheld }))
    }

    // MARK: Patients

    private var profile: Endpoint {
        Endpoint(
            method: .get, path: "/api/predictions/patient/{id}/profile", group: .predictions,
            summary: "What is known of a patient that predictions rest on",
            parameters: [.path("id", .id, "The patient.")],
            success: .init(
                "The patient, and what they said of each herb.",
                .object([
                    .init("patient", .patient), .init("diagnoses", .count), .init("conditions", .array(of: .text)),
                    .init(
                        "herbs",
                        .array(of: .object([.init("herb", .text), .init("samples", .count)] + Schema.means))),
                ])), problems: [.notFound],
            handler: .restricted(.everybody) { [clinic] call, requester in
                try await clinic.readRecords { records in
                    let id = call.id(of: Patient.self)
                    guard requester.owns(recordsOf: id), let patient = try records.patient(id) else {
                        throw Problem(.notFound, "there is no patient \(id)")
                    }
                    return Answer(try Self.profile(of: patient, records))
                }
            })
    }

    private static func profile(of patient: Patient, _ records: any ClinicRecords) throws -> JSON {
        let diagnoses = try records.diagnoses(of: patient.id, after: nil, limit: 1000)
        var conditions: [TextKey: String] = [:]
        var herbs: [TextKey: (name: String, tally: Tally)] = [:]
        for diagnosis in diagnoses {
            conditions[TextKey(diagnosis.condition)] = conditions[TextKey(diagnosis.condition)] ?? diagnosis.condition
            for recommendation in try records.recommendations(of: diagnosis.id) {
                guard let summary = try records.summary(of: recommendation.id) else { continue }
                herbs[TextKey(recommendation.herb), default: (recommendation.herb, Tally())].tally += summary.tally
            }
        }
        return [
            "patient": JSON(patient), "diagnoses": JSON(diagnoses.count),
            "conditions": JSON(conditions.sorted { $0.key.text < $1.key.text }.map { .text($0.value) }),
            "herbs": JSON(
                herbs.sorted { $0.key.text < $1.key.text }.map { _, herb in
                    JSON.object([]).adding(["herb": .text(herb.name), "samples": JSON(herb.tally.samples)])
                        .adding(herb.tally.meanMembers)
                }),
        ]
    }
}
