extension String {
    /// The text, or its beginning with `…` if it has more Unicode scalars than `limit`.
    package func shortened(to limit: Int) -> String {
        guard utf8.count > limit, unicodeScalars.count > limit else { return self }
        return String(unicodeScalars.prefix(limit)) + "…"
    }
}
