import Testing

@testable import Reports

@Suite(.timeLimit(.minutes(30))) struct CSVWriterTests {
    private func written(_ rows: [[Cell]], guardsFormulas: Bool = true, places: Int = 6) throws -> String {
        var text = ""
        var writer = CSVWriter(places: places, lineEnd: .crlf, guardsFormulas: guardsFormulas) { text += $0 }
        for row in rows { try writer.record(row) }
        try writer.flush()
        return text
    }

    @Test(
        arguments: [
            ("plain", "plain"), ("a,b", "\"a,b\""), ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("", ""), ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@x", "'@x"), ("\tx", "'\tx"),
            ("\rx", "\"'\rx\""), ("\nx", "\"'\nx\""), ("＝1", "'＝1"), ("＋1", "'＋1"), ("－1", "'－1"), ("＠x", "'＠x"),
            ("=a,b", "\"'=a,b\""), ("گل گاوزبان", "گل گاوزبان"), ("a=b", "a=b"),
        ])
    func quotesAndGuardsText(text: String, expected: String) throws {
        #expect(try written([[.text(text)]]) == expected + "\r\n")
    }

    @Test func keysOfSeveralNamesAreQuotedAndGuarded() throws {
        #expect(try written([[.joined(mizaj: nil, names: ["=a,b", "c|d"])]]) == "\"'=a,b|c\\|d\"\r\n")
    }

    @Test func dataForProgramsIsNotGuarded() throws {
        #expect(try written([[.text("=x")]], guardsFormulas: false) == "=x\r\n")
    }

    @Test func writesEachKindOfCell() throws {
        let row: [Cell] = [
            .empty, .integer(-7), .decimal(-0.25), .boolean(true), .boolean(false), .interval(0.25...0.75),
            .decimal(-0.0000001),
        ]
        #expect(try written([row]) == ",-7,-0.250000,true,false,0.250000–0.750000,0.000000\r\n")
    }

    @Test(
        arguments: [
            (0.6612903225806451, 9, "0.661290323"), (1, 9, "1.000000000"), (-1.5, 0, "-2"), (0, 3, "0.000"),
            (12.0005, 2, "12.00"), (0.9999999999, 9, "1.000000000"), (1e300, 2, "1e+300"),
        ])
    func fixedDecimals(number: Double, places: Int, expected: String) {
        #expect(fixedPoint(number, places: places) == expected)
    }

    @Test func jsonOfACell() {
        #expect(Cell.text("a\"\\\n").json(places: 2) == #""a\"\\\u000a""#)
        #expect(Cell.empty.json(places: 2) == "null")
        #expect(Cell.interval(0...1).json(places: 1) == "[0.0, 1.0]")
    }
}
