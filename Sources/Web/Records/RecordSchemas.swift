import Domain
import Store

// How the records of the clinic look over HTTP.

extension Schema {
    private static let givenID = Property(
        "id", .optional(.sendersID), required: false,
        "The number that the sender has for it; without it the next that is free.")
    private static let givenInstant = Property(
        "created_at", .optional(.instant), required: false, "When it was made; without it now.")
    private static let herbName = Schema.name(longest: 200)
    private static let birthYears = Schema.integer(1900...2200)

    static let patientDraft = Schema.named(
        "PatientDraft",
        .object([
            givenID, Property("mizaj_type", .word(Mizaj.allCases.map(\.rawValue)), "The temperament."),
            Property("sex", .optional(.word(Sex.allCases.map(\.rawValue))), required: false),
            Property("birth_year", .optional(birthYears), required: false),
        ]))

    static let patient = Schema.named(
        "Patient",
        .object([
            Property("id", .id), Property("mizaj_type", .word(Mizaj.allCases.map(\.rawValue))),
            Property("sex", .optional(.word(Sex.allCases.map(\.rawValue)))),
            Property("birth_year", .optional(birthYears)),
        ]))

    static let diagnosisDraft = Schema.named(
        "DiagnosisDraft",
        .object([
            givenID, Property("patient_id", .id), Property("condition", .name(longest: 200)),
            Property(
                "symptoms", .array(of: .name(longest: 200), atLeast: 0, atMost: 100), required: false,
                "A ';' in one separates two."),
            givenInstant,
        ]))

    static let diagnosis = Schema.named(
        "Diagnosis",
        .object([
            Property("id", .id), Property("patient_id", .id), Property("condition", .text),
            Property("symptoms", .array(of: .text)), Property("created_at", .instant),
        ]))

    static let recommendationDraft = Schema.named(
        "RecommendationDraft",
        .object([givenID, Property("diagnosis_id", .id), Property("herb", herbName), givenInstant]))

    static let recommendation = Schema.named(
        "Recommendation",
        .object([
            Property("id", .id), Property("diagnosis_id", .id), Property("herb", .text),
            Property("created_at", .instant),
        ]))
}

extension JSON {
    init(_ patient: Patient) {
        self = [
            "id": JSON(patient.id), "mizaj_type": .text(patient.mizaj.rawValue), "sex": JSON(patient.sex?.rawValue),
            "birth_year": JSON(patient.birthYear),
        ]
    }

    init(_ diagnosis: Diagnosis) {
        self = [
            "id": JSON(diagnosis.id), "patient_id": JSON(diagnosis.patient), "condition": .text(diagnosis.condition),
            "symptoms": JSON(diagnosis.symptoms.map { .text($0) }), "created_at": JSON(diagnosis.createdAt),
        ]
    }

    init(_ recommendation: Recommendation) {
        self = [
            "id": JSON(recommendation.id), "diagnosis_id": JSON(recommendation.diagnosis),
            "herb": .text(recommendation.herb), "created_at": JSON(recommendation.createdAt),
        ]
    }

    fileprivate func id<Record>() -> Identifier<Record>? {
        self["id"]?.wholeNumber.map(Identifier.init(rawValue:))
    }

    /// When a record was made, as its sender says.
    ///
    /// - Throws: `Problem` where that lies in the future, which no clock that goes right would say, or before 1900, as the
    ///   years of the Persian calendar seem to.
    fileprivate func createdAt(now: Instant) throws -> Instant {
        guard let instant = self["created_at"]?.string.flatMap({ Instant(rfc3339: $0) }) else { return now }
        guard !instant.isInFuture(at: now) else {
            throw Problem(.conflict, "created_at: is more than a day in the future")
        }
        guard instant >= .earliest else {
            throw Problem(.conflict, "created_at: is before 1900; it looks like a date of another calendar")
        }
        return instant
    }
}

extension NewRecord<Patient> {
    /// Reads what was found to be as it must be.
    ///
    /// - Throws: `Problem` where somebody is born in the future.
    init(_ json: JSON, now: Instant) throws {
        let birthYear = json["birth_year"]?.wholeNumber.map { Int($0) }
        guard birthYear ?? 0 <= Day(now, offset: 0).date.year else {
            throw Problem(.conflict, "birth_year: lies in the future")
        }
        self.init(
            id: json.id(),
            record: Patient(
                id: PatientID(rawValue: 0), mizaj: json["mizaj_type"]?.string.flatMap(Mizaj.init) ?? .motadel,
                sex: json["sex"]?.string.flatMap(Sex.init), birthYear: birthYear))
    }
}

extension NewRecord<Diagnosis> {
    /// Reads what was found to be as it must be.
    init(_ json: JSON, now: Instant) throws {
        self.init(
            id: json.id(),
            record: Diagnosis(
                id: DiagnosisID(rawValue: 0), patient: PatientID(rawValue: json["patient_id"]?.wholeNumber ?? 0),
                condition: (json["condition"]?.string ?? "").displayedName,
                symptoms: (json["symptoms"]?.entries ?? []).flatMap { ($0.string ?? "").listed() },
                createdAt: try json.createdAt(now: now)))
    }
}

extension NewRecord<Recommendation> {
    /// Reads what was found to be as it must be.
    init(_ json: JSON, now: Instant) throws {
        self.init(
            id: json.id(),
            record: Recommendation(
                id: RecommendationID(rawValue: 0),
                diagnosis: DiagnosisID(rawValue: json["diagnosis_id"]?.wholeNumber ?? 0),
                herb: (json["herb"]?.string ?? "").displayedName, createdAt: try json.createdAt(now: now)))
    }
}
