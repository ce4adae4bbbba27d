import Foundation
import Testing
import TestSupport

/// Flat files from elsewhere, through the command line.
@Suite(.endToEnd, .timeLimit(.minutes(30)))
struct MappingCommandTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let fields = """
        fields:
          mizaj_type: {value: motadel}
          condition: {column: Condition}
          herb: {column: Drug}
          rating: {column: Rating}
          created_at: {column: Date, formats: [yyyy-MM-dd]}

        """

    private func importing(_ csv: String, _ mapping: String, _ options: String = "") async throws -> CommandRun {
        try folder.write("source: elsewhere\n" + mapping, to: "map.yaml")
        try folder.write(csv, to: "flat.csv")
        return try await CommandRun.shell("avicenna import flat.csv --mapping map.yaml \(options)", in: folder)
    }

    private func query(_ sql: String) async throws -> String {
        try await CommandRun.shell("sqlite3 avicenna.db \"\(sql)\"", in: folder).output
    }

    private static func month(_ month: Int, rows: Int = 12) -> String {
        "Condition,Drug,Rating,Date,Views\n"
            + (1...rows).map { "cold,saffron \($0),\($0 % 5 + 1),2026-0\(month)-\($0 + 10),\($0)\n" }.joined()
    }

    // MARK: Identity

    @Test(
        "a second file without ids is added to the first, whatever 'first' says", arguments: ["", "ids: {first: 1}\n"])
    func monthlyFiles(ids: String) async throws {
        #expect(try await importing(Self.month(1), ids + Self.fields).output.contains("12 rows"))
        let second = try await importing(Self.month(2), ids + Self.fields)
        #expect(second.status == 0, "\(second.errors)")
        #expect(try await query("SELECT count(*), count(DISTINCT created_at) FROM feedback") == "24|24\n")
        // Both again, in one file and in another order, with another value in a column that nobody maps.
        let all =
            Self.month(2)
            + Self.month(1).replacing(",Views\n", with: ",x\n").split(separator: "\n").dropFirst()
            .reversed().map { "\($0)7\n" }.joined()
        let again = try await importing(all, ids + Self.fields)
        #expect(again.output.contains(/flat\.csv +24 +0 +0 +96 +0/), "\(again.output)")
    }

    @Test("rows that say the same are as many records, however often the file comes")
    func equalRows() async throws {
        let row = "cold,saffron,5,2026-01-01,1\n"
        let file = "Condition,Drug,Rating,Date,Views\n" + row + row + row
        for _ in 1...2 { #expect(try await importing(file, Self.fields).status == 0) }
        #expect(try await query("SELECT count(*) FROM feedback") == "3\n")
        #expect(try await importing(file + row, Self.fields).status == 0)
        #expect(try await query("SELECT count(*) FROM feedback") == "4\n")
    }

    @Test("a changed row is the same record where columns tell rows apart, and a new one where only content does")
    func keyColumns() async throws {
        let file =
            "Visit,Condition,Drug,Rating,Date\n" + (1...3).map { "V-\($0),cold,saffron,5,2026-01-0\($0)\n" }.joined()
        let changed = file.replacing("V-2,cold,saffron,5", with: "V-2,cold,saffron,1")
        for (ids, expected) in [("ids: {key: [Visit]}\n", "3|1\n"), ("", "4|1\n")] {
            _ = try await CommandRun.shell("rm -f avicenna.db*", in: folder)
            #expect(try await importing(file, ids + Self.fields).status == 0)
            let run = try await importing(changed, ids + Self.fields)
            #expect(run.status == 0, "\(run.errors)")
            #expect(try await query("SELECT count(*), sum(rating = 1) FROM feedback") == expected)
            #expect(run.errors.contains("no longer in the file") == ids.isEmpty)
        }
        let missing = try await importing(file.replacing("V-2", with: ""), "ids: {key: [Visit]}\n" + Self.fields)
        #expect(missing.status == 65)
        #expect(missing.errors.contains("flat.csv:3: Visit: is empty, but tells rows apart"))
    }

    @Test("asks before position-like ids of another file replace the records of the first")
    func numberedRows() async throws {
        func numbered(_ month: Int) -> String {
            let lines = Self.month(month).split(separator: "\n")
            return "No," + lines[0] + "\n" + lines.dropFirst().enumerated().map { "\($0 + 1),\($1)\n" }.joined()
        }
        let fields =
            Self.fields
            + ["patient", "diagnosis", "recommendation", "feedback"].map { "  \($0)_id: {column: No}\n" }.joined()
        #expect(try await importing(numbered(1), fields).status == 0)
        let run = try await importing(numbered(2), fields)
        #expect(run.status == 65)
        #expect(run.errors.contains("12 of 12"), "\(run.errors)")
        #expect(run.errors.contains("--allow-changes"))
        #expect(try await query("SELECT count(*) FROM feedback WHERE created_at < 1769900000000000") == "12\n")
    }

    @Test("rows that an earlier version numbered by position keep their numbers")
    func formerNumbers() async throws {
        #expect(try await importing(Self.month(1), "ids: {first: 500}\n" + Self.fields).status == 0)
        _ = try await query("DELETE FROM record_keys; UPDATE imports SET has_keys = 0")
        let again = try await importing(Self.month(1), "ids: {first: 500}\n" + Self.fields)
        #expect(again.output.contains(/flat\.csv +12 +0 +0 +48 +0/), "\(again.output)")
        #expect(try await importing(Self.month(2), "ids: {first: 500}\n" + Self.fields).status == 0)
        #expect(try await query("SELECT min(feedback_id), max(feedback_id), count(*) FROM feedback") == "500|523|24\n")
    }

    @Test("text ids have numbers that stay, and leading zeros tell them apart")
    func textIDs() async throws {
        let ids = ["P-00123", "0012345678", "12345678", "3f2504e0-4f89-11d3-9a0c-0305e82c3301", "P-۰۰۱۲۴", "P-00123"]
        let file =
            "Patient,Visit,Condition,Drug,Rating,Date\n"
            + ids.enumerated().map { "\($1),v\($0),cold,saffron,5,2026-01-0\($0 + 1)\n" }.joined()
        let mapping = "ids: text\n" + Self.fields + "  patient_id: {column: Patient}\n  feedback_id: {column: Visit}\n"
        #expect(try await importing(file, mapping).status == 0)
        #expect(try await query("SELECT count(*) FROM patients; SELECT count(*) FROM feedback") == "5\n6\n")
        let before = try await query("SELECT hex(key), number FROM record_keys ORDER BY 1, 2")
        // Other rows first, and the same id with other digits and invisible marks.
        let more = file.replacing("P-۰۰۱۲۴", with: "\u{200F}P-00124 ").replacing(
            "Date\n", with: "Date\nP-00999,v9,cold,saffron,5,2026-01-09\n")
        #expect(try await importing(more, mapping).status == 0)
        #expect(try await query("SELECT count(*) FROM patients; SELECT count(*) FROM feedback") == "6\n7\n")
        let after = try await query("SELECT hex(key), number FROM record_keys ORDER BY 1, 2")
        #expect(Set(before.split(separator: "\n")).isSubset(of: after.split(separator: "\n")))
        #expect(try await query("SELECT min(patient_id) > 1000000000000 FROM patients") == "1\n")
    }

    // MARK: Ages

    @Test("ages of one patient at different times narrow the birth year, and contradictions are reported")
    func ages() async throws {
        let fields = Self.fields + "  patient_id: {column: P}\n  age: {column: Age}\n"
        let file = """
            P,Age,Condition,Drug,Rating,Date
            1,34,cold,a,5,2026-02-01
            1,35,cold,b,5,2026-09-01
            2,25-34,cold,a,5,2025-02-01
            2,25–34,cold,b,5,2026-02-01
            3,40,cold,a,5,2026-02-01
            3,20.0,cold,b,5,2026-02-02
            4,<1,cold,a,5,2026-02-01
            5,>75,cold,a,5,2026-02-01
            6,۵۰,cold,a,5,2026-02-01

            """
        let run = try await importing(file, fields)
        #expect(run.status == 0, "\(run.errors)")
        #expect(
            run.errors.contains(
                "1 value of 'Age' contradicts earlier rows of the same patient (line 7); kept the first"))
        #expect(
            try await query("SELECT patient_id, birth_year FROM patients")
                == "1|1991\n2|1996\n3|1986\n4|2026\n5|1950\n6|1976\n")
        let again = try await importing(file, fields)
        #expect(again.output.contains(/flat\.csv +9 +0 +0 +36 +0/), "\(again.output)")
        let old = try await importing("P,Age,Condition,Drug,Rating,Date\n1,old,cold,a,5,2026-02-01\n", fields)
        #expect(old.errors.contains("flat.csv:2: Age: is 'old', but must be an age"))
    }

    @Test("an age narrows the birth year that a row before gave: the interval, not the point")
    func narrowedAges() async throws {
        let fields = Self.fields + "  patient_id: {column: P}\n  age: {column: Age}\n"
        // 34 on a day of 2020: born 1985 or 1986; 36 on a day of 2021: 1984 or 1985. So it is 1985.
        let run = try await importing(
            "P,Age,Condition,Drug,Rating,Date\n1,34,cold,a,5,2020-02-01\n1,36,cold,b,5,2021-12-01\n", fields)
        #expect(run.status == 0, "\(run.errors)")
        #expect(!run.errors.contains("contradict"))
        #expect(try await query("SELECT birth_year FROM patients") == "1985\n")
    }

    // MARK: Dates

    @Test(
        "reads each form of dates that files have",
        arguments: [
            ("yyyy-MM-dd'T'HH:mm:ss", "2026-10-20T09:30:00", "2026-10-20T06:00:00Z"),
            ("yyyy-MM-ddTHH:mm:ss.SSS", "2026-10-20T09:30:00.123", "2026-10-20T06:00:00.123Z"),
            ("yyyy-MM-dd HH:mm:ssXXX", "2026-10-20 09:30:00+03:30", "2026-10-20T06:00:00Z"),
            ("yyyy-MM-dd HH:mm:ssX", "2026-10-20 09:30:00Z", "2026-10-20T09:30:00Z"),
            ("M/d/yy", "10/20/26", "2026-10-20T08:30:00Z"),
            ("M/d/yyyy h:mm a", "10/20/2026 3:45 PM", "2026-10-20T12:15:00Z"),
            ("M/d/yyyy h:mm a", "10/20/2026 12:05 am", "2026-10-19T20:35:00Z"),
            ("yyyy/M/d h:mm a", "2026/10/20 3:45 ب.ظ", "2026-10-20T12:15:00Z"),
            ("dd-MMM-yyyy", "20-Oct-2026", "2026-10-20T08:30:00Z"),
            ("d MMMM yyyy", "5 september 2026", "2026-09-05T08:30:00Z"),
            ("excel", "46315", "2026-10-20T08:30:00Z"), ("excel", "46315.75", "2026-10-20T14:30:00Z"),
            ("yyyy-MM-dd", "۲۰۲۶-۱۰-۲۰", "2026-10-20T08:30:00Z"),
            ("yyyy-MM-dd", "\u{200F}2026-10-20\u{A0}", "2026-10-20T08:30:00Z"),
        ])
    func dateForms(format: String, text: String, expected: String) async throws {
        let fields = Self.fields.replacing("[yyyy-MM-dd]", with: "[\"\(format)\"]")
        let run = try await importing(
            "Condition,Drug,Rating,Date\ncold,a,5,\(text)\n", fields, "--timezone Asia/Tehran")
        #expect(run.status == 0, "\(run.errors)")
        let found = try await query(
            "SELECT strftime('%Y-%m-%dT%H:%M:%f', created_at / 1000000.0, 'unixepoch') FROM feedback")
        #expect(found.replacing(".000\n", with: "Z").replacing("\n", with: "Z") == expected)
    }

    @Test(
        "reads Persian dates where the mapping says that they are",
        arguments: [
            ("calendar: persian\n", "[yyyy/MM/dd]", "1405/07/28", "2026-10-20"),
            ("calendar: persian\n", "[yy/M/d]", "05/7/28", "2026-10-20"),
            ("calendar: persian\n", "[yyyy/M/d H:mm]", "۱۴۰۵/۷/۲۸ ۹:۳۰", "2026-10-20"),
            ("calendar: persian\n", "[yyyy-MM-dd]", "1403-12-30", "2025-03-20"),
        ])
    func persianDates(calendar: String, formats: String, text: String, expected: String) async throws {
        let fields = Self.fields.replacing("[yyyy-MM-dd]", with: formats)
        #expect(try await importing("Condition,Drug,Rating,Date\ncold,a,5,\(text)\n", calendar + fields).status == 0)
        #expect(try await query("SELECT date(created_at / 1000000, 'unixepoch') FROM feedback") == expected + "\n")
    }

    @Test("takes no Persian date for a Gregorian one, nor the other way round, and refuses days that do not exist")
    func wrongCalendar() async throws {
        for (mapping, text, expected) in [
            ("", "1404-07-15", "before 1900; it looks like a Persian date: use a mapping with 'calendar: persian'"),
            ("calendar: persian\n", "1404-12-30", "in none of the mapping's date formats"),
            ("calendar: persian\n", "2026-10-20", "in none of the mapping's date formats"),
            ("calendar: persian\n", "1405-13-01", "in none of the mapping's date formats"),
        ] {
            let run = try await importing("Condition,Drug,Rating,Date\ncold,a,5,\(text)\n", mapping + Self.fields)
            #expect(run.status == 65)
            #expect(run.errors.contains("flat.csv:2: Date: is '\(text)'"), "\(run.errors)")
            #expect(run.errors.contains(expected), "\(run.errors)")
        }
        let born = Self.fields + "  birth_year: {column: Born, calendar: persian}\n  patient_id: {column: P}\n"
        let run = try await importing("P,Born,Condition,Drug,Rating,Date\n1,۱۳۶۵,cold,a,5,2026-01-01\n", born)
        #expect(run.status == 0, "\(run.errors)")
        #expect(try await query("SELECT birth_year FROM patients") == "1986\n")
    }

    @Test("reports dates that two forms read differently")
    func ambiguousDates() async throws {
        let fields = Self.fields.replacing("[yyyy-MM-dd]", with: "[M/d/yyyy, d/M/yyyy]")
        let run = try await importing(
            "Condition,Drug,Rating,Date\ncold,a,5,2/2/2026\ncold,a,5,3/4/2026\ncold,a,5,20/4/2026\ncold,a,4,5/6/2026\n",
            fields)
        #expect(run.status == 0, "\(run.errors)")
        #expect(
            run.errors.contains(
                "2 values of 'Date' can be read both as M/d/yyyy and as d/M/yyyy, which are different days (line 3: '3/4/2026')"
            ),
            "\(run.errors)")
    }

    // MARK: Values

    @Test("compares values and columns as names are compared")
    func values() async throws {
        let mapping =
            Self.fields.replacing("column: Drug", with: "column: drug name").replacing(
                "{value: motadel}",
                with: """
                    {column: مزاج, values: {گرم‌ تر: garm_tar, "سرد خشک": sard_khoshk}}
                    """) + "  sex: {column: Sex, values: {زن: female}}\n"
        let run = try await importing(
            """
            CONDITION,Drug_Name,Rating,Date,مزاج,Sex
            cold,a,5.0,2026-01-01,گرم تر,زن
            cold,a,۴,2026-01-02,سرد\u{200C}خشك,Male
            cold,a,"3,0",2026-01-03,Motadel,FEMALE
            cold,a,2,2026-01-04,garm-tar,

            """, mapping)
        #expect(run.status == 0, "\(run.errors)")
        #expect(
            try await query("SELECT mizaj, sex FROM patients ORDER BY patient_id")
                == "garm_tar|female\nsard_khoshk|male\nmotadel|female\ngarm_tar|\n")
        #expect(try await query("SELECT group_concat(rating, '') FROM feedback ORDER BY feedback_id") == "5432\n")
    }
}
