// Lists in header lines.

extension Sequence<String> {
    /// The members of header lines that hold comma-separated, case-insensitive lists (RFC 9110, 5.6.1), in lower case.
    var listMembers: [String] {
        flatMap { $0.split(separator: ",").map { $0.trimmingSpace.lowercased() } }.filter { !$0.isEmpty }
    }
}

extension Substring {
    /// Without spaces and tabs at its ends.
    var trimmingSpace: Substring {
        func isSpace(_ character: Character) -> Bool { character == " " || character == "\t" }
        let rest = drop(while: isSpace)
        return rest.lastIndex { !isSpace($0) }.map { rest[...$0] } ?? ""
    }
}
