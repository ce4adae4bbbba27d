import Domain
import Foundation
import Testing
import TestSupport

/// Files as clinics have them, through the command line.
@Suite(.endToEnd, .timeLimit(.minutes(30)))
struct ImportCommandTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    static let files = ClinicFiles.sound

    func write(_ changes: [String: String] = [:]) throws {
        for (name, text) in Self.files.merging(changes, uniquingKeysWith: { $1 }) {
            try folder.write(text, to: "in/\(name)")
        }
    }

    func avicenna(_ arguments: String...) async throws -> CommandRun {
        try await CommandRun.shell(
            "avicenna \"$@\"".replacing("\"$@\"", with: arguments.joined(separator: " ")), in: folder)
    }

    /// All records, as the database holds them.
    func records() async throws -> String {
        try await CommandRun.shell("sqlite3 avicenna.db < \"$SCRIPTS/records.sql\"", in: folder).output
    }

    /// The records that the plain files give.
    func expectedRecords() async throws -> String {
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

    static let header =
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

}
