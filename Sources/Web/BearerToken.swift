/// Tokens in the header line `Authorization: Bearer TOKEN`.
enum BearerToken {
    /// The token of a line's value; `nil` where there is none.
    static func read(_ authorization: String?) -> String? {
        let parts = (authorization ?? "").split(separator: " ")
        return parts.count == 2 && parts[0].lowercased() == "bearer" ? String(parts[1]) : nil
    }
}
