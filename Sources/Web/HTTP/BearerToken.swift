/// Tokens in the header line `Authorization: Bearer TOKEN`.
enum BearerToken {
    /// The token of a line's value; `nil` where there is none.
    static func read(_ authorization: String?) -> String? {
        // By bytes: by characters, which may be many bytes, a long token takes longer than all else that is read of a request.
        let parts = (authorization ?? "").utf8.split(separator: UInt8(ascii: " "))
        guard parts.count == 2, Substring(parts[0]).lowercased() == "bearer" else { return nil }
        return String(Substring(parts[1]))
    }
}
