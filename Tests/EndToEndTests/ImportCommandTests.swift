import Domain
import Foundation
import Testing
import TestSupport

/// Files as clinics have them, through the command line.
@Suite(.endToEnd, .timeLimit(.minutes(30)))
struct ImportCommandTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let files = ClinicFiles.sound

    private func write(_ changes: [String: String] = [:]) throws {
        for (name, text) in Self.files.merging(changes, uniquingKeysWith: { $1 }) {
            try folder.write(text, to: "in/\(name)")
        }
    }

    private func avicenna(_ arguments: String...) async throws -> CommandRun {
        try await CommandRun.shell(
            "avicenna \"$@\"".replacing("\"$@\"", with: arguments.joined(separator: " ")), in: folder)
    }

    /// All records, as the database holds them.
    private func records() async throws -> String {
        try await CommandRun.shell("sqlite3 avicenna.db < \"$SCRIPTS/records.sql\"", in: folder).output
    }

    /// The records that the plain files give.
    private func expectedRecords() async throws -> String {
        try write()
        #expect(try await avicenna("import in").status == 0)
        let records = try await records()
        _ = try await CommandRun.shell("rm -r avicenna.db* in", in: folder)
        return records
    }

    // MARK: Dialects

    /// A way to write the four files, as a shell command that changes each of them in place.
    struct Dialect: CustomTestStringConvertible {
        let name: String
        let command: String
        var options = ""
        var note: String?

        var testDescription: String { name }
    }

    static let dialects = [
        Dialect(name: "semicolons", command: "$PY semicolon", note: "read as UTF-8, separated by ';'"),
        Dialect(name: "tabs", command: "$PY tab", note: "read as UTF-8, separated by tab"),
        Dialect(name: "sep= line", command: "$PY semicolon; sed -i '1i sep=;' $f"),
        Dialect(name: "pipes", command: "$PY pipe", options: "--delimiter '|'", note: "separated by '|'"),
        Dialect(
            name: "UTF-16 little endian", command: "(printf '\\xff\\xfe'; iconv -t UTF-16LE $f) > t; mv t $f",
            note: "read as UTF-16 (little endian), separated by ','"),
        Dialect(
            name: "UTF-16 big endian", command: "(printf '\\xfe\\xff'; iconv -t UTF-16BE $f) > t; mv t $f",
            note: "read as UTF-16 (big endian)"),
        Dialect(
            name: "UTF-16 without a mark, tabs", command: "$PY tab; iconv -t UTF-16LE $f > t; mv t $f",
            note: "read as UTF-16 (little endian), separated by tab"),
        Dialect(
            name: "two byte order marks", command: "(printf '\\xef\\xbb\\xbf\\xef\\xbb\\xbf'; cat $f) > t; mv t $f"),
        Dialect(name: "carriage returns alone", command: "tr '\\n' '\\r' < $f > t; mv t $f"),
        Dialect(name: "carriage returns and newlines", command: "sed -i 's/$/\\r/' $f"),
        Dialect(
            name: "Ctrl-Z at the end", command: "printf '\\x1a' >> $f",
            note: "ignored 1 NUL or Ctrl-Z character at the end"),
        Dialect(name: "NULs at the end", command: "head -c 5000 /dev/zero >> $f", note: "ignored 5000 NUL or Ctrl-Z"),
        Dialect(
            name: "empty columns and rows at the end", command: "sed -i 's/$/,,/; $a,,,,,,,' $f",
            note: "ignored 2 columns without a name at the end"),
        Dialect(name: "names of columns in other spellings", command: "sed -i '1s/.*/\\U&/; 1s/_/ /g' $f"),
        Dialect(name: "names of files in other case", command: "b=$(basename $f); mv $f in/${b^}"),
        Dialect(name: "gzip", command: "gzip $f"),
        Dialect(name: "everything quoted", command: "$PY quoted"),
        Dialect(name: "Persian digits", command: "$PY persian"),
        Dialect(name: "Arabic digits and invisible marks", command: "$PY marked"),
        Dialect(name: "numbers as spreadsheets write them", command: "$PY decimal"),
    ]

    @Test("reads the same records from each dialect", arguments: dialects)
    func readsDialect(_ dialect: Dialect) async throws {
        let expected = try await expectedRecords()
        try write()
        let change = dialect.command.replacing("$PY", with: "/usr/bin/python3 \"$SCRIPTS/rewrite_csv.py\" $f")
        let prepared = try await CommandRun.shell("set -e; for f in in/*.csv; do \(change); done", in: folder)
        #expect(prepared.status == 0, "\(prepared.errors)")
        let run = try await avicenna("import in", dialect.options)
        #expect(run.status == 0, "\(run.errors)")
        #expect(try await records() == expected)
        if let note = dialect.note { #expect(run.errors.contains(note), "\(run.errors)") }
    }

    @Test("reads Windows-1256 where it is named, and says so where it is not")
    func windows1256() async throws {
        // Windows-1256 has neither ی nor half-spaces.
        let arabic = Self.files.mapValues { text in
            String(String.UnicodeScalarView(text.unicodeScalars.map { ["ی": "ي", "\u{200C}": " "][$0] ?? $0 }))
        }
        try write(arabic)
        #expect(try await avicenna("import in").status == 0)
        let expected = try await records()
        _ = try await CommandRun.shell(
            "rm avicenna.db*; for f in in/*.csv; do iconv -t WINDOWS-1256 $f > t; mv t $f; done", in: folder)
        let refused = try await avicenna("import in")
        #expect(refused.status == 65)
        #expect(refused.errors.contains("is not UTF-8"))
        #expect(refused.errors.contains("--encoding windows-1256"))
        #expect(refused.errors.split(separator: "\n").count == 1)
        let named = try await avicenna("import in --encoding windows-1256")
        #expect(named.status == 0, "\(named.errors)")
        #expect(try await records() == expected)
        #expect(try await avicenna("import in --encoding klingon").status == 64)
    }

    @Test(
        "says what a file is that is not CSV, and what to do",
        arguments: [
            ("printf 'PK\\x03\\x04 and so on' > in/patients.csv", "is a spreadsheet"),
            ("printf '\\xd0\\xcf\\x11\\xe0' > in/patients.csv", "is an old spreadsheet"),
            ("printf '<html><table>' > in/patients.csv", "is a web page"),
            ("printf '%%PDF-1.4' > in/patients.csv", "is a PDF"),
            ("gzip -c in/patients.csv | head -c 30 > t; mv t in/patients.csv", "is compressed and ends too early"),
            ("rm in/patients.csv; touch in/patients.xlsx", "has no patients.csv, but patients.xlsx"),
            ("cp in/patients.csv in/PATIENTS.CSV; mv in/patients.csv in/Patients.csv", "keep one of them"),
            ("sed -i 's/,/|/g' in/patients.csv", "name it with --delimiter"),
            ("sed -i 1d in/patients.csv", "column 'patient_id' is missing"),
            ("sed -i '1s/patient_id/patientid_/' in/patients.csv", "did you mean 'patientid_'?"),
        ])
    func saysWhatAFileIs(change: String, expected: String) async throws {
        try write()
        #expect(try await CommandRun.shell("set -e; \(change)", in: folder).status == 0)
        let run = try await avicenna("import in")
        #expect([65, 66].contains(run.status))
        #expect(run.errors.contains(expected), "\(run.errors)")
        #expect(run.errors.split(separator: "\n").count == 1)
        #expect(!FileManager.default.fileExists(atPath: folder.path("rejects.csv")))
    }

    // MARK: Rows

    private static let header =
        "feedback_id,recommendation_id,rating,symptom_improvement,compliance,comment,created_at,deleted_at"

    @Test(
        "rejects rows that cannot be, with line, column and what to do",
        arguments: [
            (
                "patients.csv", "patient_id,mizaj_type,birth_year\n1,motadel,1365", "birth_year: is '1365'",
                "Persian years"
            ),
            ("patients.csv", "patient_id,mizaj_type\nP-00123,motadel", "patient_id: is 'P-00123'", "'ids: text'"),
            (
                "patients.csv", "patient_id,mizaj_type\n1.23E+10,motadel", "patient_id: is '1.23E+10'",
                "a spreadsheet rounded it"
            ),
            ("patients.csv", "patient_id,mizaj_type\n4611686018427387905,motadel", "patient_id: is", "up to 2^62"),
            (
                "diagnoses.csv", "diagnosis_id,patient_id,condition,created_at\n1,1,x,1989-12-01T00:00:00Z",
                "created_at: is before the year in which its patient was born", ""
            ),
            (
                "diagnoses.csv", "diagnosis_id,patient_id,condition,created_at\n1,1,x,1404-07-15T00:00:00Z",
                "created_at: is '1404-07-15T00:00:00Z', before 1900", "looks like a Persian date"
            ),
            (
                "diagnoses.csv", "diagnosis_id,patient_id,condition,created_at\n1,1,a\u{1B}b,2026-01-01T00:00:00Z",
                "condition: has a control character (U+001B)", "remove it"
            ),
            (
                "recommendations.csv", "recommendation_id,diagnosis_id,herb,created_at\n1,1,x,2024-12-30T00:00:00Z",
                "created_at: is more than a year before its diagnosis", ""
            ),
            (
                "feedback.csv", "\(header)\n1,1,5,,,,2024-02-01T00:00:00Z,",
                "created_at: is more than a year before its recommendation", ""
            ),
            (
                "feedback.csv", "\(header)\n1,1,5,,,,2026-02-01T00:00:00Z,2026-01-31T00:00:00Z",
                "deleted_at: is 2026-01-31T00:00:00Z, before the feedback was given", ""
            ),
            (
                "feedback.csv", "\(header)\n1,1,5,,,\"a\u{85}b\",2026-02-01T00:00:00Z,",
                "comment: has a control character", ""
            ),
            ("feedback.csv", "\(header)\n1,1,4/5,,,,2026-02-01T00:00:00Z,", "rating: is '4/5'", "from 1 to 5"),
            ("feedback.csv", "\(header),\n1,1,5,,,,2026-02-01T00:00:00Z,,x", "has 9 fields, but the header has 8", ""),
        ])
    func rejectsRows(file: String, text: String, expected: String, hint: String) async throws {
        try write([file: text + "\n"])
        let run = try await avicenna("import in --allow-rejects all")
        #expect(run.status == 0, "\(run.errors)")
        let rejects = try folder.read("rejects.csv")
        #expect(rejects.hasPrefix("file,line,column,reason\n"))
        #expect(run.errors.contains("see rejects.csv"), "\(run.errors)")
        let strict = try await CommandRun.shell("rm avicenna.db*; avicenna import in", in: folder)
        #expect(strict.status == 65)
        #expect(strict.errors.contains(expected), "\(strict.errors)")
        #expect(hint.isEmpty || strict.errors.contains(hint), "\(strict.errors)")
        #expect(strict.errors.split(separator: "\n").count == 1)
        #expect(try await records().isEmpty)
    }

    @Test("refuses noncharacters in every text field", arguments: [0xFFFE, 0xFDD0, 0x1FFFE, 0x10FFFF] as [UInt32])
    func noncharacters(value: UInt32) async throws {
        let scalar = try #require(Unicode.Scalar(value))
        for (file, field) in [
            ("diagnoses.csv", "بی‌خوابی"), ("diagnoses.csv", "خستگی"), ("recommendations.csv", "زعفران"),
            ("feedback.csv", "تهوع"), ("feedback.csv", "خوب"),
        ] {
            let text = Self.files[file, default: ""].replacing(field, with: "\(field)\(scalar)")
            try write([file: text])
            let run = try await avicenna("import in")
            #expect(run.status == 65)
            #expect(
                run.errors.contains("has a noncharacter (U+\(String(value, radix: 16, uppercase: true)))"),
                "\(run.errors)")
        }
    }

    @Test("a name with invisible marks is the name without them, in records and in results")
    func invisibleMarks() async throws {
        let marks = [
            "", "\u{200E}", "\u{200F}", "\u{061C}", "\u{FEFF}", "\u{200B}", "\u{2060}", "\u{AD}", "\u{202B}",
            "\u{2067}",
        ]
        var files = [
            "recommendations.csv": "recommendation_id,diagnosis_id,herb,created_at\n",
            "feedback.csv": "\(Self.header)\n",
        ]
        for (index, mark) in marks.enumerated() {
            files["recommendations.csv"]? += "\(index + 1),1,\(mark)گل گاوزبان\(mark),2026-01-01T10:05:00+03:30\n"
            files["feedback.csv"]? += "\(index + 1),\(index + 1),5,,,,2026-02-0\(index % 9 + 1)T10:00:00Z,\n"
        }
        try write(files)
        let run = try await CommandRun.shell(
            """
            avicenna import in && avicenna run nightly --only effectiveness --as-of 2026-02-28 --quiet &&
                avicenna results effectiveness --level herb --window all --format csv | cut -d, -f2,4
            """, in: folder)
        #expect(run.output.hasSuffix("subject,samples\nگل گاوزبان,10\n"), "\(run.output)\(run.errors)")
        #expect(
            try await !records().unicodeScalars.contains {
                $0.properties.isDefaultIgnorableCodePoint && $0 != "\u{200C}"
            })
    }

    // MARK: Rejects

    @Test("a list of rejects is that of the last import, or there is none")
    func listOfRejects() async throws {
        try write(["patients.csv": "patient_id,mizaj_type\n1,motadel\n2,motadle\n"])
        let bad = try await avicenna("import in")
        #expect(bad.status == 65)
        #expect(bad.errors.contains("in/patients.csv:3: mizaj_type: is 'motadle'"))
        #expect(try folder.read("rejects.csv").contains("motadle"))
        try write()
        #expect(try await avicenna("import in").status == 0)
        #expect(!FileManager.default.fileExists(atPath: folder.path("rejects.csv")))
    }

    @Test("never writes rejects over a file that is not a list of rejects")
    func foreignListOfRejects() async throws {
        try write(["patients.csv": "patient_id,mizaj_type\n1,motadle\n"])
        try folder.write("precious", to: "precious")
        for path in ["precious", "avicenna.db", "link"] {
            _ = try await CommandRun.shell("ln -sf precious link", in: folder)
            let run = try await avicenna("import in --rejects \(path)")
            if path == "avicenna.db" {
                #expect(run.status == 65 || run.status == 73)
            } else {
                #expect(run.status == 73)
                #expect(run.errors.contains("not a list of rejects"), "\(run.errors)")
            }
        }
        #expect(try folder.read("precious") == "precious")
        try write()
        let good = try await avicenna("import in --rejects precious")
        #expect(good.status == 73)
        #expect(try folder.read("precious") == "precious")
    }

    @Test("reports rejects where there is no place to list them")
    func noPlaceForRejects() async throws {
        try write(["patients.csv": "patient_id,mizaj_type\n1,motadle\n2,motadel\n"])
        let run = try await avicenna("import in --rejects /proc/rejects.csv --allow-rejects all")
        #expect(run.status == 0)
        #expect(run.errors.contains("rejected in/patients.csv:2: mizaj_type: is 'motadle'"), "\(run.errors)")
        #expect(run.errors.contains("rejects are not listed: /proc/rejects.csv: cannot be written"), "\(run.errors)")
    }

    @Test("prints nothing on success where that is wanted")
    func quiet() async throws {
        try write()
        let run = try await avicenna("import in --quiet")
        #expect(run.status == 0)
        #expect(run.output.isEmpty)
        #expect(run.errors.isEmpty)
        #expect(try await avicenna("import in").output.contains("6 rows in"))
    }

    // MARK: Changes

    /// The files with so many feedbacks, of which some have another rating.
    private func writeFeedback(_ count: Int, changed: Int, first: Int = 1) throws {
        let rows = (first..<first + count).map {
            "\($0),1,\($0 < first + changed ? 1 : 5),,,,2026-02-01T10:00:00Z,"
        }
        try write(["feedback.csv": ([Self.header] + rows).joined(separator: "\n") + "\n"])
    }

    @Test("asks before an import changes more than a fifth of the records of a source")
    func unusualChanges() async throws {
        try writeFeedback(60, changed: 0)
        #expect(try await avicenna("import in").status == 0)
        try writeFeedback(60, changed: 12)
        #expect(try await avicenna("import in").status == 0)
        let before = try await records()
        try writeFeedback(60, changed: 30)
        let run = try await avicenna("import in")
        #expect(run.status == 65)
        #expect(
            run.errors.contains("18 of 60 feedback of source 'clinic' would be replaced by other content"),
            "\(run.errors)")
        #expect(run.errors.contains("--allow-changes"))
        #expect(try await records() == before)
        #expect(try await avicenna("import in --allow-changes").status == 0)
        #expect(try await records() != before)
    }

    @Test("counts the records that are no longer in the files, and deletes them where that is wanted")
    func mirror() async throws {
        try writeFeedback(60, changed: 0)
        #expect(try await avicenna("import in").status == 0)
        let all = try await records()
        try writeFeedback(56, changed: 0)
        let noted = try await avicenna("import in")
        #expect(
            noted.errors.contains("4 records of this source are no longer in the files (4 feedback); they stay"),
            "\(noted.errors)")
        #expect(try await records() == all)
        let mirrored = try await avicenna("import in --mirror")
        #expect(mirrored.status == 0)
        #expect(mirrored.errors.contains("(4 feedback); deleted"), "\(mirrored.errors)")
        #expect(try await records() != all)
        #expect(try await avicenna("import in").errors.isEmpty)
        try writeFeedback(30, changed: 0)
        let many = try await avicenna("import in --mirror")
        #expect(many.status == 65)
        #expect(many.errors.contains("26 of 56 feedback of source 'clinic' would be deleted"))
        try write(["feedback.csv": "\(Self.header)\n1,1,9,,,,2026-02-01T10:00:00Z,\n"])
        let rejected = try await avicenna("import in --mirror --allow-changes --allow-rejects all")
        #expect(rejected.status == 65)
        #expect(rejected.errors.contains("1 row was rejected, so that --mirror cannot know"))
    }

    @Test("a mirrored patient disappears with all that was theirs, and keeps what others refer to")
    func mirrorAllKinds() async throws {
        try write()
        #expect(try await avicenna("import in").status == 0)
        try write([
            "diagnoses.csv": "diagnosis_id,patient_id,condition,created_at\n", "feedback.csv": "\(Self.header)\n",
            "recommendations.csv": "recommendation_id,diagnosis_id,herb,created_at\n",
            "patients.csv": "patient_id,mizaj_type\n2,motadel\n",
        ])
        // The second feedback was withdrawn before, and is not missed; its recommendation stays with it.
        let run = try await avicenna("import in --mirror")
        #expect(run.errors.contains("kept 3 that other records refer to"), "\(run.errors)")
        let check = try await CommandRun.shell(
            "sqlite3 avicenna.db 'PRAGMA foreign_key_check; SELECT feedback_id FROM feedback'; avicenna doctor | head -3",
            in: folder)
        #expect(check.output.hasPrefix("2\n"), "\(check.output)")
    }

    @Test("a record may not change so that those which refer to it are older")
    func impossibleChanges() async throws {
        let diagnoses = "diagnosis_id,patient_id,condition,created_at\n"
        let recommendations = "recommendation_id,diagnosis_id,herb,created_at\n"
        let old = [
            "diagnoses.csv": diagnoses + "1,1,x,2024-06-01T00:00:00Z\n",
            "recommendations.csv": recommendations + "1,1,h,2024-06-01T00:00:00Z\n",
            "feedback.csv": "\(Self.header)\n1,1,5,,,,2024-07-01T00:00:00Z,\n",
        ]
        try write(old)
        #expect(try await avicenna("import in").status == 0)
        let before = try await records()
        let born = Self.files["patients.csv", default: ""].replacing("1990", with: "2025")
        let moved = recommendations + "1,1,h,2026-01-01T00:00:00Z\n"
        for (changes, expected) in [
            (["patients.csv": born, "diagnoses.csv": diagnoses], "patient 1 would be born after diagnosis 1 was made"),
            (
                ["recommendations.csv": moved, "feedback.csv": "\(Self.header)\n"],
                "recommendation 1 would be made more than a year after its feedback 1"
            ),
        ] {
            try write(old.merging(changes) { $1 })
            let run = try await avicenna("import in")
            #expect(run.status == 65)
            #expect(run.errors.contains(expected), "\(run.errors)")
            #expect(try await records() == before)
        }
        try write([
            "patients.csv": born, "diagnoses.csv": diagnoses + "1,1,x,2025-06-01T00:00:00Z\n",
            "recommendations.csv": moved,
            "feedback.csv": "\(Self.header)\n1,1,5,,,,2026-01-02T00:00:00Z,\n",
        ])
        #expect(try await avicenna("import in").status == 0)
    }

    @Test("reports show how many patients the cases are from")
    func patientsBesideSamples() async throws {
        try writeFeedback(60, changed: 0)
        let run = try await CommandRun.shell(
            """
            avicenna import in --quiet && avicenna run nightly --only effectiveness,trends --as-of 2026-02-28 --quiet &&
                avicenna report effectiveness --formats csv > report && cat output/effectiveness-2026-02-28.csv
            """, in: folder)
        #expect(run.output.hasPrefix("subject,samples,patients,"), "\(run.output)\(run.errors)")
        #expect(run.output.contains("زعفران,60,1,"), "\(run.output)")
    }
}
