import Foundation
import Testing
import TestSupport

@testable import Store

struct CSVReaderTests {
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
        let found = try read(Data("h,i\na\"b,c\n1,2\n\"x\"y,z\n3,4\n\"open,\n5,6\n".utf8))
        #expect(found.records == [["h", "i"], ["1", "2"], ["3", "4"], ["5", "6"]])
        #expect(
            found.problems == [
                "2: a quote stands inside an unquoted field", "4: something follows a closing quote",
                "6: a quote is opened and never closed",
            ])
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
