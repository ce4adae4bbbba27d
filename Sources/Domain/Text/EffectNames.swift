/// Finds the side effects that a feedback tells: spellings with one key are one side effect, as for herbs.
public struct EffectNames {
    /// The keys of each text that was seen, which are few.
    private var keys: [String: [String]] = [:]
    private var names: [String: String] = [:]

    /// No side effects yet.
    public init() {}

    /// The keys of the side effects in a text that joins them by `;`, each once.
    public mutating func keys(of text: String?) -> [String] {
        guard let text else { return [] }
        if let known = keys[text] { return known }
        var found: [String] = []
        for part in text.listParts {
            let key = TextKey(part).text
            guard !key.isEmpty, !found.contains(key) else { continue }
            found.append(key)
            if names[key] == nil { names[key] = part }
        }
        keys[text] = found
        return found
    }

    /// The spelling of a key that was seen first; the key itself where none was.
    public subscript(key: String) -> String { names[key] ?? key }
}
