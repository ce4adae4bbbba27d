import Domain

/// The parameters of a query, in the order in which they were sent. At most so many are read that a long query costs no
/// more than a short one.
struct QueryString {
    /// Names and values, decoded. A name may be repeated.
    private(set) var parameters: [(name: String, value: String)] = []
    /// Whether there are more than the limit.
    private(set) var isTooLong = false

    /// - Parameter text: what follows the `?`; `nil` for no query.
    init(_ text: Substring?) {
        var rest = (text ?? "").utf8[...]
        while !rest.isEmpty {
            let end = rest.firstIndex(of: UInt8(ascii: "&")) ?? rest.endIndex
            let pair = rest[..<end]
            rest = rest[end...].dropFirst()
            if pair.isEmpty { continue }
            guard parameters.count < NetworkLimits.queryParameters else {
                isTooLong = true
                return
            }
            let equals = pair.firstIndex(of: UInt8(ascii: "="))
            parameters.append(
                (
                    Self.decoded(pair[..<(equals ?? pair.endIndex)]),
                    equals.map { Self.decoded(pair[$0...].dropFirst()) } ?? ""
                ))
        }
    }

    /// The first value of a name; `nil` if there is none.
    subscript(name: String) -> String? { parameters.first { $0.name == name }?.value }

    /// A name or value without percent-encoding; as it is where that is broken.
    private static func decoded(_ text: Substring.UTF8View) -> String {
        let text = String(Substring(text))
        return text.utf8.contains(UInt8(ascii: "%")) ? text.removingPercentEncoding ?? text : text
    }
}

extension String {
    /// The path and the query of a request target, which may be in absolute form (RFC 9112, 3.2.2).
    var requestTarget: (path: Substring, query: Substring?) {
        var target = self[...]
        if !hasPrefix("/"), let scheme = firstRange(of: "://") {
            let authority = self[scheme.upperBound...]
            target = authority.firstIndex { $0 == "/" || $0 == "?" }.map { authority[$0...] } ?? ""
        }
        guard let mark = target.firstIndex(of: "?") else { return (target, nil) }
        return (target[..<mark], target[target.index(after: mark)...])
    }
}
