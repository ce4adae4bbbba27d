import Domain
import Foundation
import Store
import TestSupport
import Testing

/// What imports of a clinic folder store.
@Suite(.timeLimit(.minutes(30))) struct ImportTests {
    @Test(arguments: StorageEngine.all) func readsASoundFolder(engine: StorageEngine) throws {
        let fixture = try ImportFixture(on: engine)
        let summary = try fixture.importing()
        #expect(summary.files.map(\.inserted) == [2, 1, 1, 2])
        #expect(
            try fixture.database.recordCounts()
                == RecordCounts(patients: 2, diagnoses: 1, recommendations: 1, feedback: 2))
        let clinic = try fixture.database.clinic(asOf: day("2026-02-28"), in: .utc)
        #expect(clinic.patients.mizaj == [.garmTar, .motadel])
        #expect(clinic.patients.sex == [.female, nil])
        #expect(clinic.patients.birthYear == [1990, PatientColumns.unknownYear])
        #expect(clinic.symptomSets[0].count == 2)
        #expect(clinic.cases.rating == [5])
        #expect(clinic.cases.improvement == [4])
        #expect(clinic.cases.compliance == [750_000_000])
        #expect(!FileManager.default.fileExists(atPath: fixture.folder.path("rejects.csv")))
    }

    @Test(arguments: StorageEngine.all) func columnsComeInAnyOrderAndOptionalOnesMayBeAbsent(engine: StorageEngine)
        throws
    {
        let fixture = try ImportFixture(on: engine)
        let summary = try fixture.importing([
            "patients.csv": "mizaj_type,patient_id\nsard_tar,1\n",
            "feedback.csv": "\u{FEFF}created_at,rating,recommendation_id,feedback_id\r\n2026-02-01T10:00:00Z,3,1,9\r\n",
        ])
        #expect(summary.files.map(\.inserted) == [1, 1, 1, 1])
    }

    @Test(arguments: StorageEngine.all) func importingAgainChangesNothing(engine: StorageEngine) throws {
        let fixture = try ImportFixture(on: engine)
        _ = try fixture.importing()
        let again = try fixture.importing()
        #expect(again.files.map(\.unchanged) == [2, 1, 1, 2])
        #expect(again.files.allSatisfy { $0.inserted + $0.updated == 0 })
        let clinic = try fixture.database.clinic(asOf: day("2026-02-28"), in: .utc)
        #expect(clinic.cases.ids.count == 1)
    }

    @Test(arguments: StorageEngine.all) func anEditedRecordReplacesTheOld(engine: StorageEngine) throws {
        let fixture = try ImportFixture(on: engine)
        _ = try fixture.importing()
        let summary = try fixture.importing([
            "feedback.csv": "feedback_id,recommendation_id,rating,created_at\n1,1,2,2026-02-01T10:00:00Z\n"
        ])
        #expect(summary.files[3].updated == 1)
        #expect(try fixture.database.clinic(asOf: day("2026-02-28"), in: .utc).cases.rating == [2])
    }

    @Test(arguments: StorageEngine.all) func aRecordThatStandsTwiceAlikeIsOne(engine: StorageEngine) throws {
        let fixture = try ImportFixture(on: engine)
        let summary = try fixture.importing(["patients.csv": "patient_id,mizaj_type\n1,motadel\n1,motadel\n"])
        #expect(summary.files[0].inserted == 1)
        #expect(summary.files[0].unchanged == 1)
        // Known from before, unchanged, and then with other content.
        #expect(throws: ImportError.self) {
            try fixture.importing(["patients.csv": "patient_id,mizaj_type\n1,motadel\n1,garm_tar\n"])
        }
    }

    @Test(arguments: StorageEngine.all) func recordsOfAnotherSourceAreNotReplaced(engine: StorageEngine) throws {
        let fixture = try ImportFixture(on: engine)
        _ = try fixture.importing()
        var other = TestClinic()
        other.patient(.sardTar)
        let outcome = try fixture.database.importRecords(from: "elsewhere", at: Instant(seconds: 0), firstNumber: 1) {
            try $0.write(other.patients[0])
        }
        #expect(outcome == .foreign(source: "clinic"))
    }

    @Test(arguments: StorageEngine.all) func aFailedImportLeavesNothing(engine: StorageEngine) throws {
        let fixture = try ImportFixture(on: engine)
        struct Interrupted: Error {}
        #expect(throws: Interrupted.self) {
            try fixture.database.importRecords(from: "clinic", at: Instant(seconds: 0), firstNumber: 1) { writer in
                _ = try writer.write(Patient(id: PatientID(rawValue: 1), mizaj: .motadel, sex: nil, birthYear: nil))
                throw Interrupted()
            }
        }
        #expect(try fixture.database.recordCounts().patients == 0)
        #expect(try fixture.database.latestRejects() == nil && fixture.database.auditReport(against: nil).entries == 0)
    }
}
