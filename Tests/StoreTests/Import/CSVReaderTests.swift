import Foundation
import Testing
import TestSupport

@testable import Store

@Suite(.timeLimit(.minutes(30))) struct CSVReaderTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Records as lists of fields, and what is malformed as its line and reason.
    private func read(_ data: Data) throws -> (records: [[String]], lines: [Int], problems: [String]) {
        let reader = try CSVReader(path: folder.write(data, to: "file.csv"))
        var (records, lines, problems): ([[String]], [Int], [String]) = ([], [], [])
        while let event = try reader.next() {
            switch event {
            case .record(let record):
                records.append((0..<record.count).map { String(decoding: record[$0], as: UTF8.self) })
                lines.append(record.line)
            case .malformed(let line, let reason): problems.append("\(line): \(reason)")
            }
        }
        return (records, lines, problems)
    }

    @Test(
        arguments: [
            ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]), ("a,b\r\n1,2\r\n", [["a", "b"], ["1", "2"]]),
            ("\u{FEFF}a,b\n1,2", [["a", "b"], ["1", "2"]]), ("a,\n,b\n", [["a", ""], ["", "b"]]),
            ("\"a,b\",\"say \"\"hi\"\"\"\n", [["a,b", "say \"hi\""]]),
            ("\"line\none\",x\r\ny,z", [["line\none", "x"], ["y", "z"]]),
            ("\"\",\"\"\n", [["", ""]]), ("a\n\n\r\nb\n", [["a"], ["b"]]), ("", []), ("\"a\"", [["a"]]),
            ("زعفران,\"گل،\"\n", [["زعفران", "گل،"]]), ("\"\"\"\"\n", [["\""]]),
            ("a,b\r1,2\r", [["a", "b"], ["1", "2"]]), ("a,b\r\r\n\n1,2", [["a", "b"], ["1", "2"]]),
            ("\"x\ry\"\r1", [["x\ry"], ["1"]]), ("a,b\n,\n1,2\n , ,\n", [["a", "b"], ["1", "2"]]),
            ("\u{FEFF}\u{FEFF}a,b\n1,2", [["a", "b"], ["1", "2"]]), ("a,b\n1,2\n\u{1A}", [["a", "b"], ["1", "2"]]),
            ("a,b\n1,2\0\0\0", [["a", "b"], ["1", "2"]]), ("some\0text, and more\n", [["some\0text", " and more"]]),
            ("sep=;\na;b\n1;2\n", [["a", "b"], ["1", "2"]]), ("\"sep=\t\"\r\na\tb\r\n", [["a", "b"]]),
        ])
    func readsRFC4180(text: String, expected: [[String]]) throws {
        let found = try read(Data(text.utf8))
        #expect(found.records == expected)
        #expect(found.problems.isEmpty)
    }

    @Test func tellsTheLineOfEachRecord() throws {
        let found = try read(Data("h\n\"two\nlines\"\n\nfive\n".utf8))
        #expect(found.lines == [1, 2, 5])
    }

    @Test func goesOnBehindABrokenRecord() throws {
        let found = try read(Data("h,i\na\"b,c\n1,2\n\"x\"y,z\n3,4\n".utf8))
        #expect(found.records == [["h", "i"], ["1", "2"], ["3", "4"]])
        #expect(
            found.problems == [
                "2: a quote is inside a field that does not begin with one", "4: something follows a closing quote",
            ])
    }

    @Test("never takes text inside a quoted field for rows", arguments: [1, 100, 3000, 200_000])
    func recoveryNeverBeginsInsideAQuotedField(lines: Int) throws {
        let inner = String(repeating: "9,\"\"x\"\",9\n", count: lines)
        for (before, after) in [("", ""), ("x,", ",y"), ("", "broken"), ("\"a\"b", "")] {
            let text = "h,i,j\n\(before)\"\(inner)\"\(after)\n1,2,3\n"
            let found = try read(Data(text.utf8))
            #expect(!found.records.contains(["9", "x", "9"]))
            #expect(found.records.last == ["1", "2", "3"])
        }
    }

    @Test("refuses a file whose quote is never closed", arguments: [1, 20_000])
    func unclosedQuote(lines: Int) throws {
        let text = "h,i\n1,2\n\"open," + String(repeating: "\n5,6", count: lines)
        let error = #expect(throws: ImportError.self) { try read(Data(text.utf8)) }
        #expect(error?.description.contains("file.csv:3: a quote is opened and never closed") == true)
    }

    private static let table = "شناسه,b\n1,\"گل، \"\"x\"\"\"\n2,زعفران\n"

    @Test(
        "reads each encoding, with a byte order mark and without",
        arguments: [
            ("UTF-16LE", true), ("UTF-16BE", true), ("UTF-16LE", false), ("UTF-16BE", false), ("UTF-8", true),
            ("UTF-8", false),
        ])
    func encodings(name: String, isMarked: Bool) throws {
        let encoding: String.Encoding = ["UTF-8": .utf8, "UTF-16LE": .utf16LittleEndian][name] ?? .utf16BigEndian
        let text = String(repeating: Self.table, count: 20_000)
        let data = try #require(((isMarked ? "\u{FEFF}" : "") + text).data(using: encoding))
        let found = try read(data)
        #expect(found.problems.isEmpty)
        #expect(found.records.count == 60_000)
        #expect(Array(found.records[..<3]) == [["شناسه", "b"], ["1", "گل، \"x\""], ["2", "زعفران"]])
        #expect(found.records[59_997...] == found.records[..<3])
    }

    @Test("marks bytes that mean nothing in the encoding, so that their field alone is refused")
    func damagedUTF16() throws {
        var data = try #require("\u{FEFF}a,b\n1,x".data(using: .utf16LittleEndian))
        data.append(contentsOf: [0x00, 0xD8])  // half a surrogate pair
        data.append(try #require("y\n2,z".data(using: .utf16LittleEndian)))
        data.append(0x41)  // half a character
        let reader = try CSVReader(path: folder.write(data, to: "file.csv"))
        var records: [[String?]] = []
        while case .record(let record)? = try reader.next() {
            records.append((0..<record.count).map { String(validating: record[$0], as: UTF8.self) })
        }
        #expect(records == [["a", "b"], ["1", nil], ["2", nil]])
    }

    @Test("reads a compressed file as it reads the plain one, and refuses one that is damaged")
    func compressed() async throws {
        let text = String(repeating: Self.table, count: 5_000)
        try folder.write(text, to: "plain.csv")
        #expect(try await CommandRun.shell("gzip -k plain.csv", in: folder).status == 0)
        let data = try Data(contentsOf: URL(filePath: folder.path("plain.csv.gz")))
        #expect(try read(data).records == read(Data(text.utf8)).records)
        for (damaged, expected) in [(data.dropLast(100), "ends too early"), (data[..<200] + data[260...], "damaged")] {
            let error = #expect(throws: ImportError.self) { try read(Data(damaged)) }
            #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
        }
    }

    @Test func refusesARecordThatIsTooLong() throws {
        let long = String(repeating: "x", count: CSVReader.longestRecord + 1)
        let found = try read(Data("h\n\(long)\nnext\n".utf8))
        #expect(found.records == [["h"], ["next"]])
        #expect(found.problems == ["2: the record is longer than 64 KiB"])
    }

    @Test("reads what was written, wherever chunks end", arguments: 1...4)
    func readsWhatWasWritten(seed: Int) throws {
        var random = TestRandom(seed)
        let pieces = ["a", "\"", ",", "\n", "\r\n", "گل", "", "xyz ", String(repeating: "long ", count: 200)]
        var records: [[String]] = []
        var text = ""
        while text.utf8.count < 3 << 20 {
            let record = (0..<3).map { _ in
                (0..<Int.random(in: 0...5, using: &random)).map { _ in
                    pieces[Int.random(in: 0..<pieces.count, using: &random)]
                }.joined()
            }
            guard record.contains(where: { !$0.isEmpty }) else { continue }  // a row without a value is none
            records.append(record)
            let fields = record.map { field in
                field.utf8.contains { "\",\r\n".utf8.contains($0) } || Bool.random(using: &random)
                    ? "\"\(field.replacing("\"", with: "\"\""))\"" : field
            }
            text += fields.joined(separator: ",") + (Bool.random(using: &random) ? "\n" : "\r\n")
        }
        let found = try read(Data(text.utf8))
        #expect(found.problems.isEmpty)
        #expect(found.records.count == records.count)
        #expect(found.records == records)
    }
}
