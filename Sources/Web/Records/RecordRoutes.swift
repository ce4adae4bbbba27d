import Domain
import Store

/// The records of the clinic, which other programs of it add and read.
struct RecordRoutes {
    let clinic: ClinicService

    /// Records that a batch may have.
    static let largestBatch = 500

    var endpoints: [Endpoint] {
        let patients = Kind<Patient>(
            name: "patient", plural: "patients", draft: .patientDraft, record: .patient, json: { JSON($0) },
            id: \.id, parse: { try .init($0, now: $1) }, change: RecordChange.addPatients,
            read: { try $0.patient($1) }, page: { try $0.patients(after: $1, limit: $2) })
        let diagnoses = Kind<Diagnosis>(
            name: "diagnosis", plural: "diagnoses", draft: .diagnosisDraft, record: .diagnosis, json: { JSON($0) },
            id: \.id, parse: { try .init($0, now: $1) }, change: RecordChange.addDiagnoses,
            read: { try $0.diagnosis($1) }, page: { try $0.diagnoses(after: $1, limit: $2) })
        let recommendations = Kind<Recommendation>(
            name: "recommendation", plural: "recommendations", draft: .recommendationDraft, record: .recommendation,
            json: { JSON($0) }, id: \.id, parse: { try .init($0, now: $1) }, change: RecordChange.addRecommendations,
            read: { try $0.recommendation($1) }, page: { try $0.recommendations(after: $1, limit: $2) })
        return endpoints(of: patients) + endpoints(of: diagnoses) + endpoints(of: recommendations) + [
            diagnosesOfPatient, recommendationsOfDiagnosis,
        ]
    }

    /// A kind of record, and how it is written, read and looks.
    private struct Kind<Record: Sendable>: Sendable {
        let name: String
        let plural: String
        let draft: Schema
        let record: Schema
        let json: @Sendable (Record) -> JSON
        let id: @Sendable (Record) -> Identifier<Record>
        let parse: @Sendable (JSON, Instant) throws -> NewRecord<Record>
        let change: @Sendable ([NewRecord<Record>]) -> RecordChange
        let read: @Sendable (any ClinicRecords, Identifier<Record>) throws -> Record?
        let page: @Sendable (any ClinicRecords, Identifier<Record>?, Int) throws -> [Record]
    }

    private func endpoints<Record>(of kind: Kind<Record>) -> [Endpoint] {
        [adding(kind), addingSeveral(kind), reading(kind), listing(kind)]
    }

    // MARK: Adding

    private func adding<Record>(_ kind: Kind<Record>) -> Endpoint {
        Endpoint(
            method: .post, path: "/api/\(kind.plural)", group: .records, summary: "Add a \(kind.name)",
            details:
                "With the number that the sender has for it, or with the next that is free. The same again changes nothing.",
            body: kind.draft, acceptsIdempotencyKey: true,
            success: .init("The \(kind.name) as it was written.", kind.record, status: .created),
            problems: [.notFound, .conflict],
            handler: .restricted(.staff) { [clinic] call, requester in
                let new = try kind.parse(call.body, clinic.now())
                return try await clinic.write(kind.change([new]), call, requester) { .single($0) }
            })
    }

    private func addingSeveral<Record>(_ kind: Kind<Record>) -> Endpoint {
        Endpoint(
            method: .post, path: "/api/\(kind.plural)/batch", group: .records,
            summary: "Add several \(kind.plural) at once",
            details: "All or nothing.",
            body: .object([.init(kind.plural, .array(of: kind.draft, atLeast: 1, atMost: Self.largestBatch))]),
            acceptsIdempotencyKey: true,
            success: .init("What came of each, in their order.", .results(of: kind.record), status: .created),
            problems: [.notFound, .conflict],
            handler: .restricted(.staff) { [clinic] call, requester in
                let new = try (call.body[kind.plural]?.entries ?? []).map { try kind.parse($0, clinic.now()) }
                return try await clinic.write(kind.change(new), call, requester, field: kind.plural) {
                    .several($0)
                }
            })
    }

    // MARK: Reading

    private func reading<Record>(_ kind: Kind<Record>) -> Endpoint {
        Endpoint(
            method: .get, path: "/api/\(kind.plural)/{id}", group: .records, summary: "Read a \(kind.name)",
            parameters: [.path("id", .id, "The \(kind.name).")], success: .init("The \(kind.name).", kind.record),
            problems: [.notFound],
            handler: .restricted(.staff) { [clinic] call, _ in
                guard let found = try await clinic.readRecords({ records in try kind.read(records, call.id()) }) else {
                    throw Problem(.notFound, "there is no \(kind.name) \(call.integer("id"))")
                }
                return Answer(kind.json(found))
            })
    }

    private func listing<Record>(_ kind: Kind<Record>) -> Endpoint {
        Endpoint(
            method: .get, path: "/api/\(kind.plural)", group: .records, summary: "All \(kind.plural), by their numbers",
            parameters: Parameter.page(100, atMost: 1000),
            success: .init("A page.", .page(kind.plural, of: kind.record)),
            handler: .restricted(.staff) { [clinic] call, _ in
                let page = try await clinic.readRecords { records in
                    try kind.page(records, call.cursor.map(Identifier.init(rawValue:)), call.limit + 1)
                }
                return Answer(.page(kind.plural, page, call, id: { kind.id($0).rawValue }, kind.json))
            })
    }

    private var diagnosesOfPatient: Endpoint {
        Endpoint(
            method: .get, path: "/api/patients/{id}/diagnoses", group: .records, summary: "The diagnoses of a patient",
            parameters: [.path("id", .id, "The patient.")] + Parameter.page(50),
            success: .init("A page.", .page("diagnoses", of: .diagnosis)), problems: [.notFound],
            handler: .restricted(.staff) { [clinic] call, _ in
                let page = try await clinic.readRecords { records in
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
            handler: .restricted(.staff) { [clinic] call, requester in
                let found = try await clinic.readRecords { records in
                    try records.recommendations(of: try records.owned(call.id(of: Diagnosis.self), by: requester))
                }
                return Answer(["recommendations": JSON(found.map { JSON($0) })])
            })
    }
}
