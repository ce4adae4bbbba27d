import Configuration
import Domain
import Foundation
import Testing
import TestSupport

@testable import Store
@testable import StoreSQLite

/// Flat files from elsewhere.
@Suite(.timeLimit(.minutes(30))) struct ImportMappingTests {
    private let folder: TemporaryFolder
    private let database: any ClinicStore

    init() throws {
        folder = try TemporaryFolder()
        database = try openDatabase(at: folder.path("clinic.db"), create: true)
    }

    private func importing(_ csv: String, _ mapping: ImportMapping, allowing allowed: Int? = 0) throws -> ImportSummary
    {
        try database.importRecords(
            MappedFile(try folder.write(csv, to: "reviews.csv"), mapping: mapping),
            options: ImportOptions(
                allowedRejects: allowed, rejectsPath: folder.path("rejects.csv"), now: instant("2026-03-01T00:00:00Z"),
                timezone: .utc))
    }

    private func shippedMapping() throws -> ImportMapping {
        try ImportMapping(contentsOf: Repository.root.appending(path: "jobs/imports/drug-reviews.yaml"))
    }

    /// Made-up rows in the form of the public drug reviews.
    private static let reviews = """
        Age,Condition,Date,Drug,DrugId,EaseofUse,Effectiveness,Satisfaction,Sex,Sides,UsefulCount
        25-34,Cold Symptoms,1/13/2011,alpha,146724,5,4,5,Female,"Drowsiness,  dizziness may occur.",1
        07-Dec,Other,01-06-2009,beta  (bulk) 100 % powder,144731,1,1,1,Male, ,1
        03-Jun,Other,10/29/2012,"gamma spray, non-aerosol",9800,4,2,2, ,x,1
        75 or over,Other,3/5/2016,beta,12112,5,5,4, , ,0
         ,Pain,12-31-2019,alpha,12112,5,5,3,Male, ,0

        """

    @Test func readsDrugReviews() throws {
        let summary = try importing(Self.reviews, shippedMapping())
        #expect(summary.files[0].rows == 5)
        #expect(summary.files[0].inserted == 20)
        let clinic = try database.clinic(asOf: day("2020-01-01"), in: .utc)
        #expect(clinic.patients.ids.map(\.rawValue) == [1, 2, 3, 4, 5])
        #expect(clinic.patients.mizaj == Array(repeating: .motadel, count: 5))
        #expect(clinic.patients.sex == [.female, .male, nil, nil, .male])
        let years: [Int16] = [2011 - 29, 2009 - 9, 2012 - 4, 2016 - 75, PatientColumns.unknownYear]
        #expect(clinic.patients.birthYear == years)
        let days = ["2011-01-13", "2009-01-06", "2012-10-29", "2016-03-05", "2019-12-31"]
        #expect(clinic.cases.day.map(\.description) == days)
        #expect(clinic.cases.rating == [5, 1, 2, 4, 3])
        #expect(clinic.cases.improvement == [4, 1, 2, 5, 5])
    }

    @Test func importingAgainChangesNothing() throws {
        _ = try importing(Self.reviews, shippedMapping())
        let again = try importing(Self.reviews, shippedMapping())
        #expect(again.files[0].unchanged == 20)
        #expect(again.files[0].inserted + again.files[0].updated == 0)
    }

    @Test func refusedRowsDoNotShiftTheNumbersOfOthers() throws {
        let broken = Self.reviews.replacing("1/13/2011", with: "13/1/2011")
        let error = #expect(throws: ImportError.self) { try importing(broken, shippedMapping()) }
        #expect(
            error?.description.contains(
                "reviews.csv:2: Date: is '13/1/2011', which is in none of the mapping's date formats") == true)
        _ = try importing(broken, shippedMapping(), allowing: 1)
        #expect(try database.clinic(asOf: day("2020-01-01"), in: .utc).patients.ids.map(\.rawValue) == [1, 2, 3, 4])
        let mended = try importing(Self.reviews, shippedMapping())
        #expect(mended.files[0].inserted == 4)
        #expect(mended.files[0].unchanged == 16)
        #expect(mended.missing.isEmpty)
    }

    private static let minimal = """
        source: elsewhere
        fields:
          mizaj_type: {value: motadel}
          condition: {column: c}
          herb: {column: h}
          rating: {column: r, scale: [0, 10]}
          created_at: {column: d, formats: [yyyy-MM-dd HH:mm]}

        """

    @Test func scalesBlanksListsAndColumnsOfIDs() throws {
        let mapping = try ImportMapping(
            Definition(
                text: Self.minimal + """
                      feedback_id: {column: id}
                      compliance: {column: taken, scale: [0, 100]}
                      symptoms: {column: s, separator: "/"}
                      birth_year: {column: born}
                      sex: {column: sex, values: {زن: female, "": male}}
                    blank: [NA, "-"]
                    ids: {first: 100}
                    """, file: "map.yaml"))
        _ = try importing(
            """
            id,c,h,r,d,taken,s,born,sex,extra
            7,x,a,10,2026-01-02 09:30,50,p / q;r/,NA,زن,?
            9,x,a,0,2026-01-02 09:30,-,,1980,,?

            """, mapping)
        let clinic = try database.clinic(asOf: day("2026-02-01"), in: .utc)
        #expect(clinic.cases.ids.map(\.rawValue) == [7, 9])
        #expect(clinic.patients.ids.map(\.rawValue) == [100, 101])
        #expect(clinic.cases.rating == [5, 1])
        #expect(clinic.cases.compliance == [500_000_000, CaseColumns.unsaid])
        #expect(clinic.symptomSets[Int(clinic.diagnoses.symptoms[0])].count == 3)
        #expect(clinic.patients.birthYear == [PatientColumns.unknownYear, 1980])
        #expect(clinic.patients.sex == [.female, .male])
        #expect(clinic.cases.createdAt.first == instant("2026-01-02T09:30:00Z"))
    }

    @Test func aPatientThatContradictsItselfIsRefusedWithItsRow() throws {
        let mapping = try ImportMapping(
            Definition(text: Self.minimal + "  patient_id: {column: p}\n  sex: {column: sex}\n", file: "map.yaml"))
        let rows = """
            p,c,h,r,d,sex
            5,x,a,10,2026-01-02 09:30,female
            5,x,a,10,2026-01-03 09:30,female
            5,x,a,10,2026-01-04 09:30,male

            """
        let error = #expect(throws: ImportError.self) { try importing(rows, mapping) }
        #expect(error?.description.contains("reviews.csv:4: p: came before with other content in sex") == true)
        #expect(try importing(rows, mapping, allowing: 1).files[0].rejected == 1)
        #expect(
            try database.recordCounts() == RecordCounts(patients: 1, diagnoses: 2, recommendations: 2, feedback: 2))
    }

    @Test(
        arguments: [
            ("sorce: x\n", ":1: sorce: is no known key; did you mean 'source'?"),
            ("fields: {}\n", ": source: is missing"),
            ("source: clinic\nfields: {}\n", "choose another"),
            ("source: x\nfields:\n  herb: {column: h}\n", "fields.mizaj_type: is missing"),
            (minimal + "  hreb: {column: h}\n", ":8: fields.hreb: is no known key; did you mean 'herb'?"),
            (minimal + "  sex: {column: s, value: male}\n", "fields.sex.column: either column or value"),
            (minimal + "  sex: {column: s, scale: [1, 2]}\n", "fields.sex.scale: is no known key"),
            (minimal + "  compliance: {column: s, scale: [2, 1]}\n", "must be the lowest and the highest value"),
            (minimal + "  deleted_at: {column: s, formats: [dd.MM.yyy]}\n", "'dd.MM.yyy' is not a date form"),
            (minimal + "  age: {column: a}\n  birth_year: {column: b}\n", "is there beside birth_year"),
        ])
    func namesWhatIsWrongInAMapping(yaml: String, expected: String) throws {
        let error = #expect(throws: DefinitionError.self) {
            try ImportMapping(Definition(text: yaml, file: "map.yaml"))
        }
        #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
    }

    @Test(
        arguments: [
            ("34", 34), ("25-34", 29), ("0-2", 1), ("7 - 12", 9), ("75 or over", 75), ("75+", 75), ("65 and over", 65),
            ("34.0", 34), ("25–34", 29), (">75", 76), ("> 75", 76), ("≥75", 75), ("<1", 0), ("<=2", 1), ("under 18", 8),
            ("over 75", 76), ("07-Dec", nil), ("34.5", nil), ("<0", nil), (">120", nil), ("34-25", nil), ("", nil),
            ("old", nil), ("999", nil), ("75 ish", nil),
        ])
    func ageBands(text: String, years: Int?) {
        #expect(AgeBand(text)?.years == years)
    }

    @Test(
        arguments: [
            ("M/d/yyyy", "1/3/2011", "2011-01-03T12:00:00Z"), ("M/d/yyyy", "01/13/2011", "2011-01-13T12:00:00Z"),
            ("MM-dd-yyyy", "01-06-2009", "2009-01-06T12:00:00Z"),
            ("yyyy.MM.dd HH:mm:ss", "2009.01.06 23:59:58", "2009-01-06T23:59:58Z"), ("MM-dd-yyyy", "1-06-2009", nil),
            ("M/d/yyyy", "13/1/2011", nil), ("M/d/yyyy", "1/13/11", nil), ("M/d/yyyy", "1/13/2011 ", nil),
        ])
    func datePatterns(pattern: String, text: String, expected: String?) throws {
        let pattern = try #require(DatePattern(pattern))
        var text = text
        let found = text.withUTF8 { pattern.instant(of: UnsafeRawBufferPointer($0), in: .utc) }
        #expect(found?.description == expected)
    }
}
