import Configuration
import Domain
import Store

/// The names of released herbs and conditions: those that staff entered for publication, or else the keys.
struct ReleasedNames: Sendable {
    private var herbs = Names()
    private var conditions = Names()

    /// Names of one kind.
    private struct Names: Sendable {
        var shown: [TextKey: String] = [:]
        /// Keys by the keys of their public names.
        var keys: [TextKey: TextKey] = [:]

        /// - Parameter name: what staff entered.
        mutating func add(_ released: Set<TextKey>, name: (TextKey) -> String?) {
            for key in released {
                // A name that is the key of another released subject would lead to that one.
                let entered = name(key).flatMap { name in
                    TextKey(name) == key || !released.contains(TextKey(name)) ? name : nil
                }
                shown[key] = entered ?? key.text
                if let entered { keys[TextKey(entered)] = key }
            }
            for key in released { keys[key] = key }
        }
    }

    init(_ names: PublicNames, of subjects: Set<ReleasedSubject>) {
        var found: (herbs: Set<TextKey>, conditions: Set<TextKey>) = ([], [])
        for subject in subjects {
            switch subject {
            case .overall: break
            case .herb(let key): found.herbs.insert(key)
            case .condition(let key): found.conditions.insert(key)
            case .treatment(let herb, let condition):
                found.herbs.insert(herb)
                found.conditions.insert(condition)
            }
        }
        herbs.add(found.herbs, name: names.name(ofHerb:))
        conditions.add(found.conditions, name: names.name(ofCondition:))
    }

    /// The public names of a subject, the herb first.
    func parts(of subject: ReleasedSubject) -> [String] {
        switch subject {
        case .overall: ["all"]
        case .herb(let key): [herbs.shown[key] ?? key.text]
        case .condition(let key): [conditions.shown[key] ?? key.text]
        case .treatment(let herb, let condition):
            [herbs.shown[herb] ?? herb.text, conditions.shown[condition] ?? condition.text]
        }
    }

    /// The key of a name, in any spelling or as it is shown; `nil` where nothing released has it.
    func key(of name: String, _ kind: NameKind) -> TextKey? {
        (kind == .herb ? herbs : conditions).keys[TextKey(name)]
    }
}
