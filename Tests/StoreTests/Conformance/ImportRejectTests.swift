import Domain
import Foundation
import TestSupport
import Testing

@testable import Store

/// What a clinic folder may not hold is refused with its place.
@Suite(.timeLimit(.minutes(30))) struct ImportRejectTests {
    /// Each kind of bad input, with the line and column that is told.
    struct BadInput: CustomTestStringConvertible {
        let file: String
        let text: String
        let expected: String

        init(_ file: String, _ header: String, _ rows: String..., expected: String) {
            self.file = file
            text = ([header] + rows).joined(separator: "\n") + "\n"
            self.expected = expected
        }

        var testDescription: String { "\(file)\(expected)" }
    }

    private static let tooLong = String(repeating: "گ", count: 501)

    static let bad: [BadInput] = [
        BadInput(
            "patients.csv", "patient_id,mizaj_type", "1",
            expected: ":2: has 1 field, but the header has 2"),
        BadInput(
            "patients.csv", "patient_id,mizaj_type", "1,motadel,x",
            expected: ":2: has 3 fields, but the header has 2"),
        BadInput(
            "patients.csv", "patient_id,mizaj_type", "1,",
            expected: ":2: mizaj_type: is empty, but must have a value"),
        BadInput(
            "patients.csv", "patient_id,mizaj_type", ",motadel",
            expected: ":2: patient_id: is empty"),
        BadInput(
            "patients.csv", "patient_id,mizaj_type", "0,motadel",
            expected: ":2: patient_id: is '0', but must be a positive whole number up to 2^62"),
        BadInput(
            "patients.csv", "patient_id,mizaj_type", "-1,motadel",
            expected: ":2: patient_id: is '-1'"),
        BadInput(
            "patients.csv", "patient_id,mizaj_type", "1.5,motadel",
            expected: ":2: patient_id: is '1.5'"),
        BadInput(
            "patients.csv", "patient_id,mizaj_type", "9223372036854775808,motadel",
            expected: ":2: patient_id: is '9223372036854775808'"),
        BadInput(
            "patients.csv", "patient_id,mizaj_type", "1,motadle",
            expected: ":2: mizaj_type: is 'motadle'; did you mean 'motadel'?"),
        BadInput(
            "patients.csv", "patient_id,mizaj_type,sex", "1,motadel,f",
            expected: ":2: sex: is 'f'; known: female, male"),
        BadInput(
            "patients.csv", "patient_id,mizaj_type,birth_year", "1,motadel,1899",
            expected: ":2: birth_year: is '1899', but must be a year from 1900 to 2026"),
        BadInput(
            "patients.csv", "patient_id,mizaj_type,birth_year", "1,motadel,2027",
            expected: ":2: birth_year: is '2027'"),
        BadInput(
            "patients.csv", "patient_id,mizaj_type", "1,motadel", "1,garm_tar",
            expected: ":3: patient_id: came before with other content in mizaj_type"),
        BadInput(
            "diagnoses.csv", "diagnosis_id,patient_id,condition,created_at", "1,7,x,2026-01-01T00:00:00Z",
            expected: ":2: patient_id: refers to a record that does not exist"),
        BadInput(
            "diagnoses.csv", "diagnosis_id,patient_id,condition,created_at", "1,1,\u{200C} ,2026-01-01T00:00:00Z",
            expected: ":2: condition: is empty"),
        BadInput(
            "diagnoses.csv", "diagnosis_id,patient_id,condition,created_at", "1,1,x,2026-01-01",
            expected: ":2: created_at: is '2026-01-01', but must be an RFC 3339"),
        BadInput(
            "recommendations.csv", "recommendation_id,diagnosis_id,herb,created_at", "1,9,x,2026-01-01T00:00:00Z",
            expected: ":2: diagnosis_id: refers to a record that does not exist"),
        BadInput(
            "feedback.csv", "feedback_id,recommendation_id,rating,created_at", "1,9,5,2026-01-01T00:00:00Z",
            expected: ":2: recommendation_id: refers to a record that does not exist"),
        BadInput(
            "feedback.csv", "feedback_id,recommendation_id,rating,created_at", "1,1,6,2026-01-01T00:00:00Z",
            expected: ":2: rating: is '6', but must be a whole number from 1 to 5"),
        BadInput(
            "feedback.csv", "feedback_id,recommendation_id,rating,created_at", "1,1,4.5,2026-01-01T00:00:00Z",
            expected: ":2: rating: is '4.5'"),
        BadInput(
            "feedback.csv", "feedback_id,recommendation_id,rating,created_at", "1,1,0,2026-01-01T00:00:00Z",
            expected: ":2: rating: is '0'"),
        BadInput(
            "feedback.csv", "feedback_id,recommendation_id,rating,symptom_improvement,created_at",
            "1,1,5,9,2026-01-01T00:00:00Z",
            expected: ":2: symptom_improvement: is '9'"),
        BadInput(
            "feedback.csv", "feedback_id,recommendation_id,rating,compliance,created_at",
            "1,1,5,1.1,2026-01-01T00:00:00Z",
            expected: ":2: compliance: is '1.1', but must be a number from 0 to 1"),
        BadInput(
            "feedback.csv", "feedback_id,recommendation_id,rating,compliance,created_at",
            "1,1,5,nan,2026-01-01T00:00:00Z",
            expected: ":2: compliance: is 'nan'"),
        BadInput(
            "feedback.csv", "feedback_id,recommendation_id,rating,compliance,created_at",
            "1,1,5,0x1,2026-01-01T00:00:00Z",
            expected: ":2: compliance: is '0x1'"),
        BadInput(
            "feedback.csv", "feedback_id,recommendation_id,rating,comment,created_at",
            "1,1,5,\(tooLong),2026-01-01T00:00:00Z",
            expected: ":2: comment: has 501 characters, but at most 500 are allowed"),
        BadInput(
            "feedback.csv", "feedback_id,recommendation_id,rating,created_at", "1,1,5,2026-03-02T00:00:01Z",
            expected: ":2: created_at: is '2026-03-02T00:00:01Z', more than a day in the future"),
        BadInput(
            "feedback.csv", "feedback_id,recommendation_id,rating,created_at", "1,1,5,yesterday",
            expected: ":2: created_at: is 'yesterday'"),
        BadInput(
            "feedback.csv", "feedback_id,recommendation_id,rating,created_at,deleted_at",
            "1,1,5,2026-01-01T00:00:00Z,soon",
            expected: ":2: deleted_at: is 'soon'"),
        BadInput(
            "feedback.csv", "feedback_id,recommendation_id,rating,comment,created_at",
            "1,1,5,a\"b,2026-01-01T00:00:00Z",
            expected: ":2: a quote is inside a field that does not begin with one"),
        BadInput(
            "feedback.csv", "feedback_id,recommendation_id,rating,created_at", "1,1,5,2026-01-02T00:00:00Z",
            "1,1,4,2026-01-02T00:00:00Z",
            expected: ":3: feedback_id: came before with other content in rating"),
    ]

    @Test("tells the place of what is bad, and imports nothing", arguments: StorageEngine.all, bad)
    func tellsThePlaceOfWhatIsBad(engine: StorageEngine, input: BadInput) throws {
        let fixture = try ImportFixture(on: engine)
        let error = #expect(throws: ImportError.self) { try fixture.importing([input.file: input.text]) }
        let place = fixture.folder.path("in/\(input.file)")
        #expect(error?.description.hasPrefix(place + input.expected) == true, "\(error?.description ?? "no error")")
        #expect(error?.status == .badData)
        #expect(
            try fixture.database.recordCounts()
                == RecordCounts(patients: 0, diagnoses: 0, recommendations: 0, feedback: 0))
        #expect(try fixture.folder.read("rejects.csv").hasPrefix("file,line,column,reason\n\"\(place)\","))
    }

    @Test(arguments: StorageEngine.all) func bytesThatAreNotUTF8(engine: StorageEngine) throws {
        let fixture = try ImportFixture(on: engine)
        for (name, text) in ClinicFiles.sound { try fixture.folder.write(text, to: "in/\(name)") }
        var bytes = Data("recommendation_id,diagnosis_id,herb,created_at\n1,1,".utf8)
        bytes.append(contentsOf: [0xC3, 0x28])
        bytes.append(contentsOf: ",2026-01-01T00:00:00Z\n".utf8)
        try fixture.folder.write(bytes, to: "in/recommendations.csv")
        let error = #expect(throws: ImportError.self) { try fixture.importFolder() }
        #expect(error?.description.contains("recommendations.csv:2: herb: has bytes that are not valid text") == true)
    }

    @Test(
        arguments: StorageEngine.all,
        [
            ("patient_id,sex\n", "column 'mizaj_type' is missing"), ("", "is empty"),
            ("patient_id,mizaj_type,name\n", "column 'name' is unknown"),
            ("patient_id,mizaj_type,patient_id\n", "column 'patient_id' is there twice"),
            ("patient_id,mizaj_type,sexx\n", "column 'sexx' is unknown; did you mean 'sex'?"),
        ])
    func tellsWhatIsWrongWithAHeader(engine: StorageEngine, header: (text: String, expected: String)) throws {
        let fixture = try ImportFixture(on: engine)
        let error = #expect(throws: ImportError.self) { try fixture.importing(["patients.csv": header.text]) }
        #expect(error?.description.hasPrefix("\(fixture.folder.path("in/patients.csv")):1: \(header.expected)") == true)
    }

    @Test(arguments: StorageEngine.all) func allowedRejectsAreLeftOutAndListed(engine: StorageEngine) throws {
        let fixture = try ImportFixture(on: engine)
        let text =
            "feedback_id,recommendation_id,rating,created_at\n1,1,6,2026-01-01T00:00:00Z\n2,1,5,2026-01-01T00:00:00Z\n3,1,5,x\n"
        #expect(throws: ImportError.self) { try fixture.importing(["feedback.csv": text], allowing: 1) }
        let summary = try fixture.importing(["feedback.csv": text], allowing: 2)
        #expect(summary.files[3] == expectedFile(in: fixture.folder, rows: 3, inserted: 1, rejected: 2))
        #expect(try fixture.folder.read("rejects.csv").split(separator: "\n").count == 3)
        #expect(try fixture.importing(["feedback.csv": text], allowing: nil).files[3].rejected == 2)
    }

    private func expectedFile(in folder: TemporaryFolder, rows: Int, inserted: Int, rejected: Int) -> ImportSummary.File
    {
        var file = ImportSummary.File(path: folder.path("in/feedback.csv"))
        (file.rows, file.inserted, file.rejected) = (rows, inserted, rejected)
        return file
    }

    @Test(arguments: StorageEngine.all) func garbageEndsSoon(engine: StorageEngine) throws {
        let fixture = try ImportFixture(on: engine)
        let header = "feedback_id,recommendation_id,rating,created_at\n"
        let error = #expect(throws: ImportError.self) {
            try fixture.importing(["feedback.csv": header + String(repeating: "\"garbage\n", count: 30_000)])
        }
        guard case .rejected(let count, let stopped, let first, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(stopped)
        #expect(count == RejectLog.mostListed + 1)
        #expect(first.line == 2)
    }

    @Test("whatever a file holds, it is imported or refused with its place", arguments: StorageEngine.all, 0..<200)
    func damagedFilesAreImportedOrRefused(engine: StorageEngine, seed: Int) throws {
        let fixture = try ImportFixture(on: engine)
        var random = TestRandom(seed + 1)
        let pieces = [
            "\"", ",", "\n", "\r", "\r\n", "\0", ";", "\u{FEFF}", "\u{200C}", "nan", "-1", "99999999999999999999", " ",
        ]
        for (name, text) in ClinicFiles.sound {
            var bytes = Data(text.utf8)
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.removeSubrange(place..<min(place + 9, bytes.count - 1))
                default: bytes.insert(contentsOf: (pieces.randomElement(using: &random) ?? "").utf8, at: place)
                }
            }
            try fixture.folder.write(bytes, to: "in/\(name)")
        }
        do {
            let summary = try fixture.importFolder(allowing: nil)
            let counts = try fixture.database.recordCounts()
            #expect(
                summary.files.map(\.inserted) == [
                    counts.patients, counts.diagnoses, counts.recommendations, counts.feedback,
                ])
        } catch let error as ImportError {
            #expect(error.description.contains(fixture.folder.path("in/")))
        }
    }
}
