/// Puts together the lines of the replies of a mail server (RFC 5321, section 4.2.1), and keeps the last refusal.
struct ReplyReader {
    /// Characters of a refusal that are kept; a server may send as many lines as it likes.
    private static let maxLength = 1000

    /// The last reply with a code of 400 or more, with all of its lines in one; empty where there was none.
    private(set) var refusal = ""
    private var code = ""
    private var text = ""

    /// Takes a line, with or without its line end.
    mutating func add(_ line: some StringProtocol) {
        let clean = line.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : Character($0) }
        let words = String(clean).split(separator: " ").joined(separator: " ")
        let lineCode = words.prefix(3)
        guard lineCode.count == 3, lineCode.utf8.allSatisfy({ (48...57).contains($0) }) else { return }
        let separator = words.dropFirst(3).first
        var rest = words.dropFirst(4)
        if code == lineCode {
            // Servers repeat the enhanced status code (RFC 2034) in each line.
            if let status = text.split(separator: " ").first, status.contains("."), rest.hasPrefix("\(status) ") {
                rest = rest.dropFirst(status.count + 1)
            }
            if !rest.isEmpty { text += (text.isEmpty ? "" : " ") + rest }
        } else {
            code = String(lineCode)
            text = String(rest)
        }
        if text.count > Self.maxLength { text = text.prefix(Self.maxLength - 1) + "…" }
        guard separator != "-" else { return }
        if code.first == "4" || code.first == "5" { refusal = text.isEmpty ? code : "\(code) \(text)" }
        code = ""
    }
}
