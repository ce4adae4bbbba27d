import Domain
import Synchronization

/// Something that formats, made once for each language, since it remembers what it formatted.
final class ByLanguage<Formatter>: Sendable {
    private let make: @Sendable (Language) -> sending Formatter
    private let known = Mutex<[Language: Formatter]>([:])

    init(_ make: @escaping @Sendable (Language) -> sending Formatter) { self.make = make }

    /// Runs `body` with that of a language. Others wait meanwhile.
    func with<Value: Sendable>(_ language: Language, _ body: (Formatter) -> Value) -> Value {
        known.withLock { known in
            let formatter = known[language] ?? make(language)
            known[language] = formatter
            return body(formatter)
        }
    }
}
