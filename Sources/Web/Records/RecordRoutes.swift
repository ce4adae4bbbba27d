import Domain
import Store

/// The records of the clinic, which other programs of it add and read.
struct RecordRoutes {
    let clinic: ClinicDesk

    /// Records that a batch may have.
    static let largestBatch = 500
    private static let staff: Set<Role> = [.clinician, .admin, .service]

    var endpoints: [Endpoint] {
        [
            adding("patient", "patients", .patientDraft, .patient) { json, now in
                .addPatients(try json.map { try .init($0, now: now) })
            },
            addingSeveral("patient", "patients", .patientDraft, .patient) { json, now in
                .addPatients(try json.map { try .init($0, now: now) })
            },
            reading("patient", "patients", .patient) { call, records in
                try records.patient(call.id()).map { JSON($0) }
            },
            adding("diagnosis", "diagnoses", .diagnosisDraft, .diagnosis) { json, now in
                .addDiagnoses(try json.map { try .init($0, now: now) })
            },
            addingSeveral("diagnosis", "diagnoses", .diagnosisDraft, .diagnosis) { json, now in
                .addDiagnoses(try json.map { try .init($0, now: now) })
            },
            reading("diagnosis", "diagnoses", .diagnosis) { call, records in
                try records.diagnosis(call.id()).map { JSON($0) }
            },
            adding("recommendation", "recommendations", .recommendationDraft, .recommendation) { json, now in
                .addRecommendations(try json.map { try .init($0, now: now) })
            },
            addingSeveral("recommendation", "recommendations", .recommendationDraft, .recommendation) { json, now in
                .addRecommendations(try json.map { try .init($0, now: now) })
            },
            reading("recommendation", "recommendations", .recommendation) { call, records in
                try records.recommendation(call.id()).map { JSON($0) }
            },
            diagnosesOfPatient, recommendationsOfDiagnosis,
            listing("patients", .patient) { records, last, limit in
                try records.patients(after: last.map(PatientID.init(rawValue:)), limit: limit).map {
                    ($0.id.rawValue, JSON($0))
                }
            },
            listing("diagnoses", .diagnosis) { records, last, limit in
                try records.diagnoses(after: last.map(DiagnosisID.init(rawValue:)), limit: limit).map {
                    ($0.id.rawValue, JSON($0))
                }
            },
            listing("recommendations", .recommendation) { records, last, limit in
                try records.recommendations(after: last.map(RecommendationID.init(rawValue:)), limit: limit).map {
                    ($0.id.rawValue, JSON($0))
                }
            },
        ]
    }

    // MARK: Adding

    private func adding(
        _ name: String, _ plural: String, _ draft: Schema, _ record: Schema,
        _ change: @escaping @Sendable ([JSON], Instant) throws -> RecordChange
    ) -> Endpoint {
        Endpoint(
            method: .post, path: "/api/\(plural)", group: .records, summary: "Add a \(name)",
            details:
                "With the number that the sender has for it, or with the next that is free. The same again changes nothing.",
            body: draft, takesKey: true, success: .init("The \(name) as it was written.", record, status: .created),
            problems: [.notFound, .conflict],
            handler: .restricted(Self.staff) { [clinic] call, requester in
                try await clinic.write(change([call.body], clinic.now()), call, requester) { .single($0) }
            })
    }

    private func addingSeveral(
        _ name: String, _ plural: String, _ draft: Schema, _ record: Schema,
        _ change: @escaping @Sendable ([JSON], Instant) throws -> RecordChange
    ) -> Endpoint {
        Endpoint(
            method: .post, path: "/api/\(plural)/batch", group: .records, summary: "Add several \(plural) at once",
            details: "All or nothing.",
            body: .object([.init(plural, .array(of: draft, atLeast: 1, atMost: Self.largestBatch))]),
            takesKey: true,
            success: .init("What came of each, in their order.", .results(of: record), status: .created),
            problems: [.notFound, .conflict],
            handler: .restricted(Self.staff) { [clinic] call, requester in
                let drafts = call.body[plural]?.entries ?? []
                return try await clinic.write(change(drafts, clinic.now()), call, requester, field: plural) {
                    .several($0)
                }
            })
    }

    // MARK: Reading

    private func reading(
        _ name: String, _ plural: String, _ record: Schema,
        _ read: @escaping @Sendable (Call, any ClinicRecords) throws -> JSON?
    ) -> Endpoint {
        Endpoint(
            method: .get, path: "/api/\(plural)/{id}", group: .records, summary: "Read a \(name)",
            parameters: [.path("id", .id, "The \(name).")], success: .init("The \(name).", record),
            problems: [.notFound],
            handler: .restricted(Self.staff) { [clinic] call, _ in
                guard let found = try await clinic.read({ records, _ in try read(call, records) }) else {
                    throw Problem(.notFound, "there is no \(name) \(call.integer("id"))")
                }
                return Answer(found)
            })
    }

    private func listing(
        _ plural: String, _ record: Schema,
        _ read: @escaping @Sendable (any ClinicRecords, Int64?, Int) throws -> [(Int64, JSON)]
    ) -> Endpoint {
        Endpoint(
            method: .get, path: "/api/\(plural)", group: .records, summary: "All \(plural), by their numbers",
            parameters: Parameter.page(100, atMost: 1000), success: .init("A page.", .page(plural, of: record)),
            handler: .restricted(Self.staff) { [clinic] call, _ in
                let page = try await clinic.read { records, _ in try read(records, call.cursor, call.limit + 1) }
                return Answer(.page(plural, page, call, id: \.0) { $0.1 })
            })
    }

    private var diagnosesOfPatient: Endpoint {
        Endpoint(
            method: .get, path: "/api/patients/{id}/diagnoses", group: .records, summary: "The diagnoses of a patient",
            parameters: [.path("id", .id, "The patient.")] + Parameter.page(50),
            success: .init("A page.", .page("diagnoses", of: .diagnosis)), problems: [.notFound],
            handler: .restricted(Self.staff) { [clinic] call, _ in
                let page = try await clinic.read { records, _ in
                    let patient = call.id(of: Patient.self)
                    guard try records.patient(patient) != nil else {
                        throw Problem(.notFound, "there is no patient \(patient)")
                    }
                    return try records.diagnoses(
                        of: patient, after: call.cursor.map(DiagnosisID.init(rawValue:)), limit: call.limit + 1)
                }
                return Answer(.page("diagnoses", page, call, id: \.id.rawValue) { JSON($0) })
            })
    }

    private var recommendationsOfDiagnosis: Endpoint {
        Endpoint(
            method: .get, path: "/api/diagnoses/{id}/recommendations", group: .records,
            summary: "The recommendations of a diagnosis", parameters: [.path("id", .id, "The diagnosis.")],
            success: .init("All of them.", .object([.init("recommendations", .array(of: .recommendation))])),
            problems: [.notFound],
            handler: .restricted(Self.staff) { [clinic] call, requester in
                let found = try await clinic.read { records, _ in
                    try records.recommendations(of: try records.owned(call.id(of: Diagnosis.self), by: requester))
                }
                return Answer(["recommendations": JSON(found.map { JSON($0) })])
            })
    }
}
