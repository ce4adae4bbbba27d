import Foundation
import Testing
import TestSupport

/// A clinic that opens its files in a spreadsheet program and saves them again imports the same records.
@Suite(.endToEnd, .timeLimit(.minutes(30)))
struct SpreadsheetRoundTripTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// What LibreOffice's CSV export can be set to: the separator, the encoding by its number, whether all text is quoted.
    struct Export: CustomTestStringConvertible {
        let separator: Int
        let encoding: Int
        let quotesText: Bool
        var marksUTF8 = false
        var options = ""

        var testDescription: String { "separator \(separator), encoding \(encoding), quoting \(quotesText)" }
        /// The tokens of the filter, in its order.
        var filter: String {
            "csv:Text - txt - csv (StarCalc):\(separator),34,\(encoding),1,,0,\(quotesText),true,false,false,false,-1,false,\(marksUTF8)"
        }
    }

    private static let (utf8, utf16, windows1256) = (76, 65_535, 38)

    static let exports: [Export] =
        [44, 59, 9].flatMap { separator in
            [false, true].flatMap { quotesText in
                [
                    Export(separator: separator, encoding: utf8, quotesText: quotesText),
                    Export(separator: separator, encoding: utf8, quotesText: quotesText, marksUTF8: true),
                    Export(separator: separator, encoding: utf16, quotesText: quotesText),
                ]
            }
        } + [
            Export(separator: 124, encoding: utf8, quotesText: false, options: "--delimiter '|'"),
            Export(separator: 32, encoding: utf8, quotesText: true, options: "--delimiter space"),
            Export(separator: 59, encoding: windows1256, quotesText: false, options: "--encoding windows-1256"),
            Export(separator: 44, encoding: windows1256, quotesText: true, options: "--encoding windows-1256"),
        ]

    /// Dumps all records, with names as they are compared where an encoding lacks letters.
    private static let dump = #"""
        import sqlite3, sys
        db = sqlite3.connect(sys.argv[1])
        exact = sys.argv[2] == "exact"
        name = "s.text" if exact else "t.key"
        for sql in [
            "SELECT patient_id, mizaj, sex, birth_year FROM patients ORDER BY 1",
            f"SELECT r.diagnosis_id, r.patient_id, {name}, r.created_at FROM diagnoses r "
            "JOIN spellings s ON s.spelling_id = r.condition_id JOIN terms t USING (term_id) ORDER BY 1",
            "SELECT d.diagnosis_id, t.key FROM diagnoses d JOIN symptom_set_members m USING (symptom_set_id) "
            "JOIN terms t USING (term_id) ORDER BY 1, 2",
            f"SELECT r.recommendation_id, r.diagnosis_id, {name}, r.created_at FROM recommendations r "
            "JOIN spellings s ON s.spelling_id = r.herb_id JOIN terms t USING (term_id) ORDER BY 1",
            "SELECT feedback_id, recommendation_id, rating, improvement, compliance, created_at, deleted_at "
            + (", side_effects, comment " if exact else "") +
            "FROM feedback LEFT JOIN feedback_notes USING (feedback_id) ORDER BY 1"]:
            for row in db.execute(sql): print(row)
        """#

    @Test("imports what LibreOffice saves, in each of its dialects", .timeLimit(.minutes(30)))
    func imports() async throws {
        for file in ["patients", "diagnoses", "recommendations", "feedback"] {
            let source = Repository.golden.appending(path: "mixed-scripts/input/\(file).csv")
            try folder.write(Data(contentsOf: source), to: "in/\(file).csv")
        }
        try folder.write(Self.dump, to: "dump.py")
        let prepared = try await CommandRun.shell(
            """
            set -e
            export HOME="$PWD/home"
            soffice --headless --infilter=CSV:44,34,76,1 --convert-to xlsx --outdir sheets in/*.csv > /dev/null 2>&1
            # As somebody types without a Persian keyboard: Windows-1256 has neither ی nor half-spaces nor ligatures.
            mkdir arabic
            for f in in/*.csv; do sed 's/ی/ي/g; s/ﬁ/fi/g; s/ک/ك/g; s/\u{200C}/ /g' $f > arabic/$(basename $f); done
            soffice --headless --infilter=CSV:44,34,76,1 --convert-to xlsx --outdir arabicSheets arabic/*.csv > /dev/null 2>&1
            avicenna import in --database plain.db --quiet
            python3 dump.py plain.db exact > exact.txt
            python3 dump.py plain.db keys > keys.txt
            wc -l < exact.txt
            """, in: folder)
        #expect(prepared.status == 0, "\(prepared.errors)")
        #expect((Int(prepared.output.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0) > 100)
        for export in Self.exports {
            let isExact = export.encoding == Self.utf8 || export.encoding == Self.utf16
            let run = try await CommandRun.shell(
                """
                set -e
                export HOME="$PWD/home"
                rm -rf saved out.db*
                soffice --headless --convert-to '\(export.filter)' --outdir saved \(isExact ? "sheets" : "arabicSheets")/*.xlsx > /dev/null 2>&1
                for f in patients diagnoses recommendations feedback; do
                    [ -f saved/$f.csv ] || mv saved/$f-$f.csv saved/$f.csv
                done
                avicenna import saved --database out.db --quiet \(export.options)
                python3 dump.py out.db \(isExact ? "exact" : "keys") > saved.txt
                cmp \(isExact ? "exact" : "keys").txt saved.txt
                """, in: folder)
            #expect(run.status == 0, "\(export.testDescription): \(run.output)\(run.errors)")
        }
    }
}
