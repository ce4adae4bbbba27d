import Foundation

/// A JSON object whose values are kept as they were written, so that who hands one on changes neither digits nor order.
struct RawJSONObject {
    /// Its members, as Foundation reads them.
    let values: [String: Any]
    private let text: [UInt8]
    private var ranges: [String: Range<Int>] = [:]

    /// `nil` where the bytes are no JSON object in UTF-8, or a name stands twice in it.
    init?(_ bytes: some Sequence<UInt8>) {
        text = Array(bytes)
        guard String(validating: text, as: UTF8.self) != nil,
            let values = try? JSONSerialization.jsonObject(with: Data(text)) as? [String: Any]
        else { return nil }
        self.values = values
        guard findRanges(), ranges.count == values.count else { return nil }
    }

    /// The value of a member as it was written; `nil` where there is none, or its name was written with escapes.
    subscript(name: String) -> String? {
        ranges[name].map { String(decoding: text[$0].trimmingPrefix(while: Self.isSpace), as: UTF8.self) }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { [9, 10, 13, 32].contains(byte) }

    /// Where the values stand. That it is JSON is known.
    private mutating func findRanges() -> Bool {
        guard var position = text.firstIndex(of: UInt8(ascii: "{")) else { return false }
        while let quote = text[position...].firstIndex(of: UInt8(ascii: "\"")) {
            let nameEnd = endOfString(at: quote)
            let name = String(decoding: text[quote + 1..<nameEnd - 1], as: UTF8.self)
            guard let colon = text[nameEnd...].firstIndex(of: UInt8(ascii: ":")) else { return false }
            position = endOfValue(at: colon + 1)
            guard ranges.updateValue(colon + 1..<position, forKey: name) == nil else { return false }
        }
        return true
    }

    /// The position after the string that begins at a quote.
    private func endOfString(at quote: Int) -> Int {
        var position = quote + 1
        while position < text.count, text[position] != UInt8(ascii: "\"") {
            position += text[position] == UInt8(ascii: "\\") ? 2 : 1
        }
        return min(position + 1, text.count)
    }

    /// The position of the comma or brace after a value.
    private func endOfValue(at start: Int) -> Int {
        var position = start
        var depth = 0
        while position < text.count {
            switch text[position] {
            case UInt8(ascii: "\""):
                position = endOfString(at: position)
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}") where depth == 0, UInt8(ascii: ",") where depth == 0: return position
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: break
            }
            position += 1
        }
        return position
    }
}
