import Domain
import Foundation
import Testing
import TestSupport

@testable import Reports

@Suite(.timeLimit(.minutes(30))) struct XLSXWriterTests {
    private let last = day("2026-10-20")

    /// Runs Python with openpyxl on `file`, with `sheets` for all its sheets.
    private func python(_ script: String, in folder: TemporaryFolder) async throws -> String {
        try folder.write(
            "import openpyxl, warnings\nwarnings.filterwarnings('ignore')\nbook = openpyxl.load_workbook('r.xlsx')\nsheets = book.worksheets\n\(script)\n",
            to: "look.py")
        let run = try await CommandRun.shell("/usr/bin/python3 look.py", in: folder)
        #expect(run.status == 0, "\(run.errors)")
        return run.output
    }

    private func write(_ report: Report, mostRows: Int, to path: String) throws {
        let workbook = try Workbook(path: path, name: "r.xlsx")
        let context = SheetContext(
            report: report, workbook: workbook, styles: SheetStyles(workbook, report.language))
        _ = try SectionSheets(context: context, section: report.sections[0], number: 1).write(mostRows: mostRows)
        try workbook.close()
    }

    @Test func goesOnInAFurtherSheetPastTheMostRows() async throws {
        let clinic = try await PublishedClinic.random(5, asOf: last)
        let yaml = "title: All [of] them\nfrom: predictions\ncolumns: [recommendation_id, level, score]"
        let count = try clinic.report(yaml) { report in
            try write(report, mostRows: 55, to: clinic.folder.path("r.xlsx"))
            return report.sections[0].matching.rows
        }
        #expect(count > 100)
        let output = try await python(
            """
            print([sheet.title for sheet in sheets] == ["All  of  them"] + [f"All  of  them ({n})" for n in range(2, len(sheets) + 1)])
            print(sum(sheet.max_row - 5 for sheet in sheets), len({row for sheet in sheets for row in sheet.iter_rows(min_row=6, values_only=True)}))
            print(all(sheet.max_row <= 55 and len(sheet.tables) == 1 for sheet in sheets), len({t for s in sheets for t in s.tables}) == len(sheets))
            """, in: clinic.folder)
        #expect(output == "True\n\(count) \(count)\nTrue True\n")
    }

    @Test func textOfAnyKindIsKeptAsItIs() async throws {
        var records = TestClinic()
        let long = String(repeating: "ا", count: 33_000)
        let names = ["=1+1", "<a & 'b' \"c\">", "tab\there", "nul\u{1}l", "😀 گل‌گاوزبان", " spaced ", long, "_x0041_"]
        for name in names {
            let recommendation = records.recommendation(name, for: "c", to: records.patient(), on: last - 9)
            records.rate(recommendation, 5, on: last - 3)
        }
        let clinic = try await PublishedClinic(records, asOf: last)
        try clinic.report("title: x\nfrom: cohorts\ncolumns: [herb, samples]") {
            try write($0, mostRows: 1000, to: clinic.folder.path("r.xlsx"))
        }
        let output = try await python(
            """
            from openpyxl.utils.escape import unescape
            for (name, _) in sheets[0].iter_rows(min_row=6, values_only=True):
                name = unescape(name)
                print(repr(name) if len(name) < 100 else (len(name), name[-1]))
            """, in: clinic.folder)
        let found = Set(output.split(separator: "\n").map(String.init))
        #expect(
            found == [
                "'=1+1'", "'<a & \\'b\\' \"c\">'", "'tab\\there'", "'nul\u{FFFD}l'", "'😀 گل\\u200cگاوزبان'", "'spaced'",
                "(32001, '…')", "'_x0041_'",
            ])
    }

    @Test func everyKindOfChartIsReadByOthers() async throws {
        let clinic = try await PublishedClinic.random(6, asOf: last)
        let yaml = """
            title: Charts
            sections:
              - {name: a, from: effectiveness, where: {level: herb, window: all}, charts: [{kind: bar, x: herb, y: effectiveness}, {kind: bar, x: herb, y: samples, interval: false}]}
              - {name: b, from: ratings, where: {level: herb}, charts: [{kind: multiples, x: month, y: mean_rating, by: herb}, {kind: line, x: month, y: samples}]}
              - {name: c, from: cohorts, charts: [{kind: heatmap, x: herb, by: mizaj_type, y: rate}]}
              - {name: d, from: trends, where: {level: herb}, charts: [{kind: change, x: herb}]}
            """
        for language in Language.allCases {
            _ = try clinic.report(yaml, language: language) {
                try $0.write(to: clinic.folder.url, formats: [.xlsx])
            }
            try FileManager.default.moveItem(
                atPath: clinic.folder.path("r-\(last).xlsx"), toPath: clinic.folder.path("r.xlsx"))
            let output = try await python(
                """
                print(*(type(chart).__name__ for chart in sheets[1]._charts))
                scales = [rule.type for ranges in sheets[1].conditional_formatting for rule in ranges.rules]
                print(scales, len(sheets))
                line = sheets[1]._charts[0]
                print(len(line.series), [axis.scaling.orientation for axis in (line.x_axis, line.y_axis)])
                """, in: clinic.folder)
            try FileManager.default.removeItem(atPath: clinic.folder.path("r.xlsx"))
            #expect(
                output == """
                    LineChart BarChart LineChart LineChart LineChart LineChart BarChart
                    ['colorScale'] 6
                    3 ['\(language == .english ? "minMax" : "maxMin")', 'minMax']

                    """)
        }
    }

    @Test func aWorkbookThatLostBytesIsSeen() async throws {
        let clinic = try await PublishedClinic.random(2, asOf: last)
        let path = clinic.folder.path("r.xlsx")
        try clinic.report("title: x\nfrom: predictions") { try write($0, mostRows: 1000, to: path) }
        let whole = try Data(contentsOf: URL(filePath: path))
        let rows = try #require(
            Int(
                try await python(
                    """
                    import zipfile, re
                    text = zipfile.ZipFile('r.xlsx').read('xl/worksheets/sheet1.xml')
                    print(len(re.search(b'<sheetData>(.*)</sheetData>', text, re.S).group(1)))
                    """, in: clinic.folder
                ).trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(ZipCheck.isWhole(path, rowBytes: [rows]))
        #expect(!ZipCheck.isWhole(path, rowBytes: [rows + 1]))
        #expect(!ZipCheck.isWhole(path, rowBytes: []))
        // As a full disk leaves it: parts that end early, in a file that is sound otherwise.
        _ = try await python(
            """
            import zipfile
            parts = {name: zipfile.ZipFile('r.xlsx').read(name) for name in zipfile.ZipFile('r.xlsx').namelist()}
            for number, name in enumerate(parts):
                with zipfile.ZipFile(f'{number}.zip', 'w', zipfile.ZIP_DEFLATED) as damaged:
                    for other, data in parts.items():
                        damaged.writestr(other, data[:len(data) * 2 // 3] if other == name else data)
            """, in: clinic.folder)
        let damaged = try FileManager.default.contentsOfDirectory(atPath: clinic.folder.url.path).filter {
            $0.hasSuffix(".zip")
        }
        #expect(damaged.count > 8)
        for name in damaged { #expect(!ZipCheck.isWhole(clinic.folder.path(name), rowBytes: [rows]), "\(name)") }
        for length in stride(from: 0, to: whole.count, by: 997) {
            try clinic.folder.write(whole.prefix(length), to: "cut.xlsx")
            #expect(!ZipCheck.isWhole(clinic.folder.path("cut.xlsx"), rowBytes: [rows]))
        }
        let place = try await python(
            """
            import zipfile
            part = zipfile.ZipFile('r.xlsx').getinfo('xl/worksheets/sheet1.xml')
            header = open('r.xlsx', 'rb').read()[part.header_offset:][:30]
            lengths = int.from_bytes(header[26:28], 'little') + int.from_bytes(header[28:30], 'little')
            print(part.header_offset + 30 + lengths, part.compress_size)
            """, in: clinic.folder
        ).split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        try #require(place.count == 2)
        // The first bit of the part only says whether it is the last block; its text is the same either way.
        for offset in stride(from: 1, to: place[1] - 1, by: 997) {
            var bytes = whole
            bytes[place[0] + offset] ^= 1
            try clinic.folder.write(bytes, to: "flipped.xlsx")
            #expect(!ZipCheck.isWhole(clinic.folder.path("flipped.xlsx"), rowBytes: [rows]), "\(offset)")
        }
        var random = TestRandom(9)
        for _ in 0..<300 {
            var bytes = whole
            bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= UInt8.random(in: 1...255, using: &random)
            try clinic.folder.write(bytes, to: "flipped.xlsx")
            _ = ZipCheck.isWhole(clinic.folder.path("flipped.xlsx"), rowBytes: [rows])  // says something, and lives
        }
    }
}
