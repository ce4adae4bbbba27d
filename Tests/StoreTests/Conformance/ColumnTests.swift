import Domain
import Store
import TestSupport
import Testing

/// The columns that runs read, with the terms and names that an as-of day sees.
@Suite(.timeLimit(.minutes(30))) struct ColumnTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: StorageEngine.all) func idsMayLieFarApart(engine: StorageEngine) throws {
        let database = try engine.open(in: folder)
        var clinic = TestClinic()
        let recommendation = clinic.recommendation("a", for: "c", to: clinic.patient(), on: day("2026-01-01"))
        clinic.rate(recommendation, 5, on: day("2026-01-01"))
        clinic.patients[0].id = PatientID(rawValue: .max)
        clinic.diagnoses[0].patient = PatientID(rawValue: .max)
        clinic.diagnoses[0].id = DiagnosisID(rawValue: .max - 5)
        clinic.recommendations[0].diagnosis = DiagnosisID(rawValue: .max - 5)
        clinic.recommendations[0].id = RecommendationID(rawValue: 1 << 62)
        clinic.feedback[0].recommendation = RecommendationID(rawValue: 1 << 62)
        try clinic.write(to: database)
        let columns = try database.clinic(asOf: day("2026-01-02"), in: .utc)
        #expect(columns.cases.recommendation == [0])
        #expect(columns.recommendations.diagnosis == [0])
        #expect(columns.diagnoses.patient == [0])
    }

    @Test(arguments: StorageEngine.all) func theSpellingOfTheSmallestIDIsShown(engine: StorageEngine) throws {
        let database = try engine.open(in: folder)
        var clinic = TestClinic()
        let patient = clinic.patient()
        clinic.recommendation("SAFFRON", for: "Cough", to: patient, on: day("2026-02-01"))
        clinic.recommendation("saffron", for: "cough", to: patient, on: day("2026-01-01"))
        try clinic.write(to: database)
        #expect(try database.clinic(asOf: day("2026-02-01"), in: .utc).herbs.names == ["SAFFRON"])
        // On a day before the first was made, nobody knew its spelling.
        let earlier = try database.clinic(asOf: day("2026-01-31"), in: .utc)
        #expect(earlier.herbs.names == ["saffron"])
        #expect(earlier.conditions.names == ["cough"])
    }

    @Test(
        "bounds of records are at least their number, and little more where ids are far apart",
        arguments: StorageEngine.all)
    func bounds(engine: StorageEngine) throws {
        var clinic = TestClinic.random(1, patients: 12, recommendations: 30, feedback: 60, until: day("2026-10-20"))
        clinic.patients.append(Patient(id: .init(rawValue: .max), mizaj: .motadel, sex: nil, birthYear: nil))
        let database = try engine.open(with: clinic, in: folder)
        let (counts, bounds) = (try database.recordCounts(), try database.recordBounds())
        #expect(counts == RecordCounts(patients: 13, diagnoses: 30, recommendations: 30, feedback: 60))
        #expect(bounds.patients >= counts.patients && bounds.diagnoses >= counts.diagnoses)
        #expect(bounds.recommendations >= counts.recommendations && bounds.feedback >= counts.feedback)
        #expect(bounds.patients < 1 << 20)
        #expect(try database.recordsOutOfRange().map(\.id) == [.max])
    }
}
