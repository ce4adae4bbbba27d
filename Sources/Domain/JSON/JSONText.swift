extension String {
    /// The text as a JSON string, including its quotes.
    package var json: String {
        var result = ""
        result.appendJSON(self)
        return result
    }

    /// Appends a text as a JSON string, including its quotes. Only `"`, `\\` and control characters are escaped.
    mutating func appendJSON(_ text: String) {
        self += "\""
        if text.utf8.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) {
            for scalar in text.unicodeScalars {
                switch scalar {
                case "\"": self += "\\\""
                case "\\": self += "\\\\"
                case _ where scalar.value < 0x20: self += "\\u00" + [UInt8(scalar.value)].hexadecimal
                default: unicodeScalars.append(scalar)
                }
            }
        } else {
            self += text
        }
        self += "\""
    }
}
