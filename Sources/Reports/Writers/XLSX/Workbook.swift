import CXLSXWriter
import Configuration
import Domain
import Foundation

/// A workbook of libxlsxwriter that keeps one row in memory, whatever its size.
final class Workbook {
    typealias Sheet = UnsafeMutablePointer<lxw_worksheet>
    typealias Format = UnsafeMutablePointer<lxw_format>

    /// The most rows of a sheet.
    static let mostRows = 1_048_576
    /// The most UTF-16 units of a cell; a text that is longer ends in an ellipsis.
    private static let longestText = 32_000

    private var workbook: UnsafeMutablePointer<lxw_workbook>?
    /// As errors name it.
    private let name: String
    private let path: String
    private var sheetNames = SheetNames()
    private var sheets: [Sheet] = []

    /// Begins a workbook.
    ///
    /// - Parameters:
    ///   - path: where it is written; temporary files stand in the same folder, without names.
    ///   - name: what errors call it.
    init(path: String, name: String) throws {
        self.path = path
        self.name = name
        let folder = strdup(URL(filePath: path).deletingLastPathComponent().path)
        defer { free(folder) }
        var options = lxw_workbook_options()
        options.constant_memory = UInt8(LXW_TRUE.rawValue)
        options.tmpdir = folder
        guard let workbook = workbook_new_opt(path, &options) else { throw failure("out of memory") }
        self.workbook = workbook
    }

    deinit {
        if let workbook { lxw_workbook_free(workbook) }
    }

    private func failure(_ reason: String) -> UnwritableFile { UnwritableFile(path: name, reason: reason) }

    private func check(_ code: lxw_error) throws {
        guard code != LXW_NO_ERROR else { return }
        throw failure(errno == ENOSPC || errno == EFBIG ? systemError : String(cString: lxw_strerror(code)))
    }

    // MARK: Parts

    func setProperties(title: String, subject: String, keywords: String, day: Day) throws {
        let texts = [title, subject, keywords, "Avicenna"].map { (text: String) in strdup(text) }
        defer { texts.forEach { free($0) } }
        var properties = lxw_doc_properties()
        properties.title = texts[0]
        properties.subject = texts[1]
        properties.keywords = texts[2]
        properties.author = texts[3]
        properties.created = time_t(day.noon.timeIntervalSince1970)
        try check(workbook_set_properties(workbook, &properties))
    }

    /// Adds a sheet, with a name made of a title.
    ///
    /// - Parameter fallback: the name where nothing of the title can be one.
    func addSheet(_ title: String, fallback: String) throws -> Sheet {
        let name = sheetNames.add(title, fallback: fallback)
        guard let sheet = workbook_add_worksheet(workbook, name) else { throw failure("a sheet cannot be made") }
        sheets.append(sheet)
        return sheet
    }

    /// What a sheet was called.
    static func name(of sheet: Sheet) -> String { sheet.pointee.name.map { String(cString: $0) } ?? "" }

    func addFormat() throws -> Format {
        guard let format = workbook_add_format(workbook) else { throw failure("out of memory") }
        return format
    }

    func addChart(_ type: lxw_chart_type) throws -> UnsafeMutablePointer<lxw_chart> {
        guard let chart = workbook_add_chart(workbook, UInt8(type.rawValue)) else { throw failure("out of memory") }
        return chart
    }

    /// A text as a title of a chart takes it: one that begins with `=` would be a reference to a cell.
    static func chartTitle(_ text: String) -> String { text.hasPrefix("=") ? " \(text)" : text }

    // MARK: Cells

    func write(_ text: String, to sheet: Sheet, row: Int, column: Int, _ format: Format?) throws {
        guard !text.isEmpty else {
            try check(worksheet_write_blank(sheet, UInt32(row), UInt16(column), format))
            return
        }
        let isPlain = text.utf8.count <= Self.longestText && !text.utf8.contains { $0 == 0 || $0 == UInt8(ascii: "_") }
        try check(
            worksheet_write_string(sheet, UInt32(row), UInt16(column), isPlain ? text : Self.kept(text), format))
    }

    /// A text in the form in which it comes back as it is.
    private static func kept(_ text: String) -> String {
        shortened(text.replacing("\0", with: "\u{FFFD}"))
            // `_x0041_` would be read as the letter of that number.
            .replacing(/_(?=x[0-9A-Fa-f]{4}_)/, with: "_x005F_")
    }

    private static func shortened(_ text: String) -> String {
        guard text.utf16.count > longestText else { return text }
        var end = text.utf16.index(text.startIndex, offsetBy: longestText)
        while Unicode.Scalar(text.utf16[end]) == nil { end = text.utf16.index(before: end) }
        return String(text[..<end]) + "…"
    }

    func write(_ number: Double, to sheet: Sheet, row: Int, column: Int, _ format: Format?) throws {
        try check(worksheet_write_number(sheet, UInt32(row), UInt16(column), number, format))
    }

    /// Makes a block of cells a table with filters, before its rows are written.
    func addTable(_ name: String, titles: [String], to sheet: Sheet, row: Int, rows: Int) throws {
        var texts = titles.map { strdup($0) }
        texts.append(strdup(name))
        defer { texts.forEach { free($0) } }
        var columns = titles.indices.map { position in
            var column = lxw_table_column()
            column.header = texts[position]
            return column
        }
        try columns.withUnsafeMutableBufferPointer { columns in
            var pointers: [UnsafeMutablePointer<lxw_table_column>?] = columns.indices.map { position in
                columns.baseAddress.map { $0 + position }
            }
            pointers.append(nil)
            try pointers.withUnsafeMutableBufferPointer { pointers in
                var options = lxw_table_options()
                options.name = texts[titles.count]
                options.columns = pointers.baseAddress
                options.style_type = UInt8(LXW_TABLE_STYLE_TYPE_LIGHT.rawValue)
                options.style_type_number = 9
                // A table is refused where rows do not stay in memory, since it writes its header as cells. The header is
                // written again with the rows, in order, so that nothing but its definition is needed here.
                sheet.pointee.optimize = 0
                defer { sheet.pointee.optimize = 1 }
                try check(
                    worksheet_add_table(
                        sheet, UInt32(row), 0, UInt32(row + rows), UInt16(titles.count - 1), &options))
            }
        }
    }

    // MARK: The end

    /// How many bytes the rows of each sheet are; says where they could not be kept, as libxlsxwriter does not look.
    private func rowBytes() throws -> [Int] {
        // The last row is written with the next one, or here.
        try sheets.map { sheet in
            lxw_worksheet_write_single_row(sheet)
            guard let rows = sheet.pointee.optimize_tmpfile else { return 0 }
            guard fflush(rows) == 0, ferror(rows) == 0 else { throw failure(systemError) }
            return ftell(rows)
        }
    }

    /// Writes the file, and looks whether all of it is there.
    func close() throws {
        let rowBytes = try rowBytes()
        let workbook = workbook
        self.workbook = nil  // it is freed whatever happens
        errno = 0
        try check(workbook_close(workbook))
        guard ZipCheck.isWhole(path, rowBytes: rowBytes) else { throw failure("parts of it are missing") }
    }
}
