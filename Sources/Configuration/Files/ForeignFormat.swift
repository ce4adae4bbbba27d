/// Why a file that begins with some bytes is not CSV, and what to do; `nil` for text.
package func foreignFormat(of head: ArraySlice<UInt8>) -> String? {
    let saving = "open it in a spreadsheet program and save it as 'CSV UTF-8'"
    let signatures: [(bytes: [UInt8], reason: String)] = [
        (Array("PK\u{3}\u{4}".utf8), "is a spreadsheet (.xlsx, .ods) or a zip archive, not CSV; \(saving)"),
        ([0xD0, 0xCF, 0x11, 0xE0], "is an old spreadsheet (.xls), not CSV; \(saving)"),
        (Array("SQLite format 3".utf8), "is a database, not CSV"),
        (Array("%PDF".utf8), "is a PDF, not CSV; export the data it was made from as CSV"),
        ([0x28, 0xB5, 0x2F, 0xFD], "is compressed by zstd; decompress it first, or compress it by gzip"),
        (Array("BZh".utf8), "is compressed by bzip2; decompress it first, or compress it by gzip"),
        ([0xFD, 0x37, 0x7A, 0x58], "is compressed by xz; decompress it first, or compress it by gzip"),
    ]
    if let found = signatures.first(where: { head.starts(with: $0.bytes) }) { return found.reason }
    let text = head.drop { [0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) }
    guard text.first == UInt8(ascii: "<") else { return nil }
    return "is a web page or XML, which some programs name .xls or .csv, not CSV; \(saving)"
}
