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
            Export(separator: 124, encoding: utf8, quotesText: false, options: "--delimiter |"),
            Export(separator: 32, encoding: utf8, quotesText: true, options: "--delimiter space"),
            Export(separator: 59, encoding: windows1256, quotesText: false, options: "--encoding windows-1256"),
            Export(separator: 44, encoding: windows1256, quotesText: true, options: "--encoding windows-1256"),
        ]

    @Test("imports what LibreOffice saves, in each of its dialects", .timeLimit(.minutes(30)))
    func imports() async throws {
        for file in ["patients", "diagnoses", "recommendations", "feedback"] {
            let source = Repository.golden.appending(path: "mixed-scripts/input/\(file).csv")
            try folder.write(Data(contentsOf: source), to: "in/\(file).csv")
        }
        let prepared = try await CommandRun.script("make_workbooks.sh", in: folder)
        #expect(prepared.status == 0, "\(prepared.errors)")
        #expect((Int(prepared.output.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0) > 100)
        for export in Self.exports {
            let isExact = export.encoding == Self.utf8 || export.encoding == Self.utf16
            let run = try await CommandRun.script(
                "import_workbooks.sh", export.filter, isExact ? "sheets" : "arabicSheets",
                isExact ? "records" : "record_keys", export.options, in: folder)
            #expect(run.status == 0, "\(export.testDescription): \(run.output)\(run.errors)")
        }
    }
}
