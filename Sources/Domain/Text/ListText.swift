extension String {
    /// The parts of a list that a text joins by `;`, without empty ones. By scalars: a part may begin with what a writing
    /// system joins to the character before it.
    package var listParts: [String] {
        unicodeScalars.split(separator: ";").map { String($0) }
    }

    /// The parts of a list as somebody wrote it, as they are displayed, without those that name nothing. A `;` always
    /// separates.
    package func listed(separator: Unicode.Scalar = ";") -> [String] {
        unicodeScalars.split { $0 == separator || $0 == ";" }.map { String($0).displayedName }
            .filter(TextKey.hasContent)
    }

    /// The text without white space at its ends; the text itself, uncopied, where there is none.
    package var withoutOuterWhitespace: String {
        func isSpace(_ scalar: Unicode.Scalar?) -> Bool { scalar?.isSpace ?? false }
        guard isSpace(unicodeScalars.first) || isSpace(unicodeScalars.last) else { return self }
        var rest = unicodeScalars[...]
        while isSpace(rest.first) { rest.removeFirst() }
        while isSpace(rest.last) { rest.removeLast() }
        return String(rest)
    }
}

extension Unicode.Scalar {
    /// Whether it is white space. Most letters are told without looking them up.
    var isSpace: Bool {
        switch value {
        case 0x09...0x0D, 0x20, 0x85, 0xA0: true
        case ..<0x1680: false
        default: properties.isWhitespace
        }
    }
}
