import Domain
import Foundation

/// The encoding of an input file's text.
public struct TextEncoding: Equatable, Sendable, CustomStringConvertible {
    /// The name that the C library knows it by, such as `WINDOWS-1256`.
    let name: String

    /// UTF-8.
    public static let utf8 = Self(known: "UTF-8")
    static let utf16LittleEndian = Self(known: "UTF-16LE")
    static let utf16BigEndian = Self(known: "UTF-16BE")
    private static let utf32LittleEndian = Self(known: "UTF-32LE")

    private init(known name: String) { self.name = name }

    /// An encoding by its name, such as `windows-1256`; `nil` where this machine cannot read it.
    public init?(_ name: String) {
        guard name.utf8.allSatisfy({ $0.isNameByte }), !name.isEmpty else { return nil }
        let upper = name.uppercased()
        switch upper {
        case "UTF8": self = .utf8
        case "UTF-16", "UTF16": self = .utf16LittleEndian
        default:
            let converter = iconv_open("UTF-8", upper)
            guard converter != iconv_t(bitPattern: -1) else { return nil }
            iconv_close(converter)
            self.name = upper
        }
    }

    /// As messages name it.
    public var description: String {
        switch self {
        case .utf16LittleEndian: "UTF-16 (little endian)"
        case .utf16BigEndian: "UTF-16 (big endian)"
        default: name
        }
    }

    /// Bytes of its shortest character, by which reading goes on behind bytes that mean nothing.
    var unit: Int { name.hasPrefix("UTF-16") ? 2 : name.hasPrefix("UTF-32") ? 4 : 1 }

    /// The encoding that the first bytes of a file are in: by its byte order mark, by zeros in every second byte, else UTF-8.
    ///
    /// - Returns: `nil` where it is neither of these, as text of 8-bit encodings is not.
    static func detected(in head: UnsafeRawBufferPointer) -> Self? {
        if let marked = marked(by: head) { return marked }
        let start = head.prefix(4096)
        var zeros = [0, 0]
        for (position, byte) in start.enumerated() where byte == 0 { zeros[position % 2] += 1 }
        if zeros[1] > start.count / 8, zeros[0] * 16 < zeros[1] { return .utf16LittleEndian }
        if zeros[0] > start.count / 8, zeros[1] * 16 < zeros[0] { return .utf16BigEndian }
        return looksLikeUTF8(head) ? .utf8 : nil
    }

    /// The encoding that a byte order mark names.
    static func marked(by head: UnsafeRawBufferPointer) -> Self? {
        if head.starts(with: [0xFF, 0xFE, 0, 0]) { return .utf32LittleEndian }
        if head.starts(with: [0xFF, 0xFE]) { return .utf16LittleEndian }
        if head.starts(with: [0xFE, 0xFF]) { return .utf16BigEndian }
        return head.starts(with: [0xEF, 0xBB, 0xBF]) ? .utf8 : nil
    }

    /// Whether most characters beyond ASCII are valid. A few that are damaged are rejected with their rows.
    private static func looksLikeUTF8(_ head: UnsafeRawBufferPointer) -> Bool {
        var (valid, invalid) = (0, 0)
        var decoder = UTF8()
        var bytes = head.makeIterator()
        scan: while true {
            switch decoder.decode(&bytes) {
            case .scalarValue(let scalar): if !scalar.isASCII { valid += 1 }
            case .error: invalid += 1
            case .emptyInput: break scan
            }
        }
        return invalid < 3 || invalid < valid
    }
}

extension UInt8 {
    /// Whether it may be in the name of an encoding.
    fileprivate var isNameByte: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-_.:".utf8.contains(self)
        }
    }
}
