import Configuration
import Domain
import Store
import TestSupport
import Testing

/// Flat files from elsewhere.
@Suite(.timeLimit(.minutes(30))) struct MappedImportTests {
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

    @Test(arguments: StorageEngine.all) func readsDrugReviews(engine: StorageEngine) throws {
        let fixture = try ImportFixture(on: engine)
        let summary = try fixture.importing(Self.reviews, shippedMapping())
        #expect(summary.files[0].rows == 5)
        #expect(summary.files[0].inserted == 20)
        let clinic = try fixture.database.clinic(asOf: day("2020-01-01"), in: .utc)
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

    @Test(arguments: StorageEngine.all) func importingAgainChangesNothing(engine: StorageEngine) throws {
        let fixture = try ImportFixture(on: engine)
        _ = try fixture.importing(Self.reviews, shippedMapping())
        let again = try fixture.importing(Self.reviews, shippedMapping())
        #expect(again.files[0].unchanged == 20)
        #expect(again.files[0].inserted + again.files[0].updated == 0)
    }

    @Test(arguments: StorageEngine.all) func refusedRowsDoNotShiftTheNumbersOfOthers(engine: StorageEngine) throws {
        let fixture = try ImportFixture(on: engine)
        let broken = Self.reviews.replacing("1/13/2011", with: "13/1/2011")
        let error = #expect(throws: ImportError.self) { try fixture.importing(broken, shippedMapping()) }
        #expect(
            error?.description.contains(
                "reviews.csv:2: Date: is '13/1/2011', which is in none of the mapping's date formats") == true)
        _ = try fixture.importing(broken, shippedMapping(), allowing: 1)
        #expect(
            try fixture.database.clinic(asOf: day("2020-01-01"), in: .utc).patients.ids.map(\.rawValue) == [1, 2, 3, 4])
        let mended = try fixture.importing(Self.reviews, shippedMapping())
        #expect(mended.files[0].inserted == 4)
        #expect(mended.files[0].unchanged == 16)
        #expect(mended.missing.isEmpty)
    }

    @Test(arguments: StorageEngine.all) func scalesBlanksListsAndColumnsOfIDs(engine: StorageEngine) throws {
        let fixture = try ImportFixture(on: engine)
        let mapping = try ImportMapping(
            Definition(
                text: ImportMapping.minimal + """
                      feedback_id: {column: id}
                      compliance: {column: taken, scale: [0, 100]}
                      symptoms: {column: s, separator: "/"}
                      birth_year: {column: born}
                      sex: {column: sex, values: {زن: female, "": male}}
                    blank: [NA, "-"]
                    ids: {first: 100}
                    """, file: "map.yaml"))
        _ = try fixture.importing(
            """
            id,c,h,r,d,taken,s,born,sex,extra
            7,x,a,10,2026-01-02 09:30,50,p / q;r/,NA,زن,?
            9,x,a,0,2026-01-02 09:30,-,,1980,,?

            """, mapping)
        let clinic = try fixture.database.clinic(asOf: day("2026-02-01"), in: .utc)
        #expect(clinic.cases.ids.map(\.rawValue) == [7, 9])
        #expect(clinic.patients.ids.map(\.rawValue) == [100, 101])
        #expect(clinic.cases.rating == [5, 1])
        #expect(clinic.cases.compliance == [500_000_000, CaseColumns.unsaid])
        #expect(clinic.symptomSets[Int(clinic.diagnoses.symptoms[0])].count == 3)
        #expect(clinic.patients.birthYear == [PatientColumns.unknownYear, 1980])
        #expect(clinic.patients.sex == [.female, .male])
        #expect(clinic.cases.createdAt.first == instant("2026-01-02T09:30:00Z"))
    }

    @Test(arguments: StorageEngine.all) func aPatientThatContradictsItselfIsRefusedWithItsRow(engine: StorageEngine)
        throws
    {
        let fixture = try ImportFixture(on: engine)
        let mapping = try ImportMapping(
            Definition(
                text: ImportMapping.minimal + "  patient_id: {column: p}\n  sex: {column: sex}\n", file: "map.yaml"))
        let rows = """
            p,c,h,r,d,sex
            5,x,a,10,2026-01-02 09:30,female
            5,x,a,10,2026-01-03 09:30,female
            5,x,a,10,2026-01-04 09:30,male

            """
        let error = #expect(throws: ImportError.self) { try fixture.importing(rows, mapping) }
        #expect(error?.description.contains("reviews.csv:4: p: came before with other content in sex") == true)
        #expect(try fixture.importing(rows, mapping, allowing: 1).files[0].rejected == 1)
        #expect(
            try fixture.database.recordCounts()
                == RecordCounts(patients: 1, diagnoses: 2, recommendations: 2, feedback: 2))
    }
}
