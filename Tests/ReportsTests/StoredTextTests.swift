import Domain
import Foundation
import Testing
import TestSupport

@testable import Reports

/// Reports of a database that holds what no entrance accepts today.
@Suite(.timeLimit(.minutes(30))) struct StoredTextTests {
    private let last = day("2026-10-20")

    private static let yaml = """
        title: x
        sections:
          - {name: a, from: effectiveness, where: {level: herb}, columns: [subject, samples], charts: [{kind: bar, x: subject, y: samples}]}
          - {name: b, from: ratings, where: {level: herb}, charts: [{kind: multiples, x: month, y: mean_rating, by: herb}]}
          - {name: c, from: effectiveness, where: {level: treatment}, charts: [{kind: heatmap, x: herb, by: condition, y: effectiveness}]}
          - {name: d, from: comments}
          - {name: e, from: side_effects, where: {level: herb}}
        """

    private func clinic(_ scalar: Unicode.Scalar) async throws -> PublishedClinic {
        var records = TestClinic()
        let herb = records.recommendation("herb\(scalar)x", for: "ill\(scalar)y", to: records.patient(), on: last - 9)
        for stars in 1...5 {
            records.rate(
                herb, stars, on: last - stars, sideEffects: ["ache\(scalar)z"], comment: "said\(scalar)so")
        }
        return try await PublishedClinic(records, asOf: last)
    }

    private static let characters: [Unicode.Scalar] =
        [0xFDD0, 0xFDEF, 0xFFFE, 0xFFFF, 0x1FFFE, 0x1FFFF, 0x10FFFF].map(noncharacter) + [
            "\u{1}", "\u{1B}", "\u{7F}", "\u{9B}",
        ]

    @Test(arguments: characters, [Language.english, .persian])
    func everyFormatIsWrittenAndValid(character: Unicode.Scalar, language: Language) async throws {
        let clinic = try await clinic(character)
        let files = try clinic.report(Self.yaml, language: language) {
            try $0.write(to: clinic.folder.url, formats: ReportFormat.allCases)
        }
        #expect(files.count == 3)
        let csv = try clinic.folder.read("r-\(last).csv")
        for part in ["herb\u{FFFD}x", "ill\u{FFFD}y", "ache\u{FFFD}z", "said\u{FFFD}so"] {
            #expect(csv.contains(part), "\(part)")
        }
        #expect(!csv.unicodeScalars.contains(character))
        try clinic.folder.write(
            """
            import sys, warnings, zipfile
            from xml.parsers import expat
            import openpyxl
            warnings.filterwarnings("ignore")
            file = zipfile.ZipFile(sys.argv[1])
            parts = [name for name in file.namelist() if name.endswith((".xml", ".rels"))]
            for name in parts:
                expat.ParserCreate().Parse(file.read(name), True)
                text = file.read(name).decode("utf-8")
                bad = [c for c in text if c in "\\ufffe\\uffff" or 0xFDD0 <= ord(c) <= 0xFDEF or ord(c) & 0xFFFE == 0xFFFE
                       or ord(c) < 32 and c not in "\\t\\r\\n" or 0x7F <= ord(c) < 0xA0]
                assert not bad, (name, bad)
            book = openpyxl.load_workbook(sys.argv[1])
            cells = {cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row}
            print("herb\\ufffdx" in cells, "said\\ufffdso" in cells, len(parts) > 10)
            """, to: "check.py")
        let checked = try await CommandRun.shell(
            "/usr/bin/python3 check.py r-\(last).xlsx && pdfinfo r-\(last).pdf >/dev/null && pdftotext -raw r-\(last).pdf -",
            in: clinic.folder)
        #expect(checked.status == 0 && checked.errors.isEmpty, "\(checked.errors)")
        #expect(checked.output.hasPrefix("True True True\n"))
        #expect(checked.output.contains("herb\u{FFFD}x"))
    }

    @Test(arguments: characters) func lettersAreWrittenWithAReplacementCharacter(character: Unicode.Scalar) {
        let letter = Letter(
            subject: "a\(character)b", text: "one\(character)\n\n\ttwo\(character)", language: .english)
        #expect(letter.subject == "a\u{FFFD}b")
        #expect(letter.text == "one\u{FFFD}\n\n\ttwo\u{FFFD}")
        let alert = Letter(
            ofFailureOf: "nightly", asOf: last, because: "cannot read 'x\(character)'", published: nil,
            language: .persian)
        #expect(alert.text.contains("'x\u{FFFD}'"))
    }

    @Test func aConditionIsShownAndComparedAsItIsWritten() async throws {
        let clinic = try await clinic(noncharacter(0xFDD0))
        let shown = try clinic.report(
            "title: x\nfrom: effectiveness\nwhere: {level: herb, window: all}", set: ["subject": "herb\u{FFFD}x"]
        ) { report in
            (report.sections[0].matching.rows, report.sections[0].conditions(CellFormatter(.english)))
        }
        #expect(shown.0 == 1)
        #expect(shown.1.contains("herb\u{FFFD}x"))
    }
}
