import Domain

extension Language {
    /// Languages of a header that are looked at.
    private static let mostAccepted = 20

    /// The language that a header line `Accept-Language` prefers of those that there are; `nil` where it names none of them.
    init?(accept header: String?) {
        var best: (language: Language, quality: Double)?
        for part in (header ?? "").split(separator: ",", maxSplits: Self.mostAccepted).prefix(Self.mostAccepted) {
            let fields = part.split(separator: ";").map { $0.filter { $0 != " " } }
            guard let tag = fields.first?.split(separator: "-").first,
                let language = Language(rawValue: tag.lowercased())
            else { continue }
            let quality = fields.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            if quality > best?.quality ?? 0 { best = (language, quality) }
        }
        guard let best else { return nil }
        self = best.language
    }
}
