import CPangoCairo
import Configuration
import Domain
import Foundation

/// A PDF that cairo writes to a file, page by page.
final class PDFOutput {
    let context: OpaquePointer
    private let surface: OpaquePointer
    private let sink: Sink

    /// Where cairo's bytes go. Its functions cannot throw, so that an error waits here.
    private final class Sink {
        let file: OutputFile
        var error: (any Error)?
        var tail = PDFTail()

        init(_ file: OutputFile) { self.file = file }

        func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
            guard error == nil else { return false }
            do {
                try file.write(bytes)
                tail.add(bytes)
                return true
            } catch {
                self.error = error
                return false
            }
        }
    }

    init(_ file: OutputFile, size: PageSize) {
        sink = Sink(file)
        surface = cairo_pdf_surface_create_for_stream(
            { sink, bytes, count in
                guard let sink else { return CAIRO_STATUS_WRITE_ERROR }
                let bytes = UnsafeRawBufferPointer(start: bytes, count: Int(count))
                // An error waits in the sink: cairo crashes where its very first write fails.
                _ = Unmanaged<Sink>.fromOpaque(sink).takeUnretainedValue().write(bytes)
                return CAIRO_STATUS_SUCCESS
            }, Unmanaged.passUnretained(sink).toOpaque(), size.width, size.height)
        context = cairo_create(surface)
    }

    deinit {
        cairo_destroy(context)
        cairo_surface_finish(surface)
        cairo_surface_destroy(surface)
    }

    /// Title and the like; the date is the as-of day, not that of the clock.
    func setMetadata(title: String, subject: String, day: Day) {
        let date = "\(day)T00:00:00Z"
        for (kind, text) in [
            (CAIRO_PDF_METADATA_TITLE, title), (CAIRO_PDF_METADATA_SUBJECT, subject),
            (CAIRO_PDF_METADATA_AUTHOR, "Avicenna"), (CAIRO_PDF_METADATA_CREATOR, "Avicenna"),
            (CAIRO_PDF_METADATA_CREATE_DATE, date), (CAIRO_PDF_METADATA_MOD_DATE, date),
        ] {
            cairo_pdf_surface_set_metadata(surface, kind, text)
        }
    }

    func addBookmark(_ title: String, page: Int, top: Double) {
        cairo_pdf_surface_add_outline(
            surface, Int32(CAIRO_PDF_OUTLINE_ROOT), title, "page=\(page) pos=[0 \(fixedPoint(top, places: 1))]",
            CAIRO_PDF_OUTLINE_FLAG_OPEN)
    }

    func turnPage() throws {
        cairo_show_page(context)
        try check(cairo_status(context))
    }

    /// Writes what is left.
    func finish(_ language: Language) throws {
        cairo_surface_finish(surface)
        try check(cairo_surface_status(surface))
        try sink.file.write(sink.tail.update(language))
    }

    private func check(_ status: cairo_status_t) throws {
        if let error = sink.error { throw error }
        guard status == CAIRO_STATUS_SUCCESS else {
            throw UnwritableFile(
                path: sink.file.url.relativePath, reason: String(cString: cairo_status_to_string(status)))
        }
    }
}

/// The end of a PDF, from which follows what to append so that it says its language and direction: cairo has no words for
/// either. An update is appended, as the format provides, with the catalog as it was and two entries more.
struct PDFTail {
    private static let length = 64 << 10

    private var bytes: [UInt8] = []
    private var total = 0

    mutating func add(_ more: UnsafeRawBufferPointer) {
        total += more.count
        bytes.append(contentsOf: more)
        if bytes.count > 2 * Self.length { bytes.removeFirst(bytes.count - Self.length) }
    }

    /// The update; empty where the end is not as cairo writes it.
    func update(_ language: Language) -> String {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let xref = number(after: "startxref\n", in: text),
            let root = number(after: "/Root ", in: text),
            let info = number(after: "/Info ", in: text),
            let size = number(after: "/Size ", in: text),
            let start = text.range(of: "\n\(root) 0 obj\n", options: .backwards),
            let end = text.range(of: "\nendobj", range: start.upperBound..<text.endIndex),
            let close = text.range(of: ">>", options: .backwards, range: start.upperBound..<end.lowerBound)
        else { return "" }
        let direction = language.isRightToLeft ? " /Direction /R2L" : ""
        let catalog =
            "\(root) 0 obj\n\(text[start.upperBound..<close.lowerBound])   /Lang (\(language.rawValue))\n"
            + "   /ViewerPreferences << /DisplayDocTitle true\(direction) >>\n>>\nendobj\n"
        return catalog + "xref\n\(root) 1\n\(padded(total, to: 10)) 00000 n \n"
            + "trailer\n<< /Size \(size)\n   /Root \(root) 0 R\n   /Info \(info) 0 R\n   /Prev \(xref)\n>>\n"
            + "startxref\n\(total + catalog.utf8.count)\n%%EOF\n"
    }

    /// The number after the last occurrence of words.
    private func number(after words: String, in text: String) -> Int? {
        guard let range = text.range(of: words, options: .backwards) else { return nil }
        return Int(text[range.upperBound...].prefix { $0.isASCII && $0.isNumber })
    }
}
