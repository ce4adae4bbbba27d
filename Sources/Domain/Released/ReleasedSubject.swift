/// A subject of released figures, known by the keys of its names, which stay the same in a database that was rebuilt.
public enum ReleasedSubject: Hashable, Sendable {
    /// All cases together.
    case overall
    /// A herb.
    case herb(TextKey)
    /// A condition.
    case condition(TextKey)
    /// A herb for a condition.
    case treatment(herb: TextKey, condition: TextKey)

    /// `overall`, `herb`, `condition` or `treatment`.
    public var level: Level {
        switch self {
        case .overall: .overall
        case .herb: .herb
        case .condition: .condition
        case .treatment: .treatment
        }
    }

    /// The keys of its names, the herb first; none for `overall`.
    public var keys: [TextKey] {
        switch self {
        case .overall: []
        case .herb(let key), .condition(let key): [key]
        case .treatment(let herb, let condition): [herb, condition]
        }
    }

    /// The subject of a level with the keys of its names, the herb first; `nil` for another level or number of keys.
    public init?(_ level: Level, _ keys: [TextKey]) {
        switch (level, keys.count) {
        case (.overall, 0): self = .overall
        case (.herb, 1): self = .herb(keys[0])
        case (.condition, 1): self = .condition(keys[0])
        case (.treatment, 2): self = .treatment(herb: keys[0], condition: keys[1])
        default: return nil
        }
    }
}

extension ReleasedSubject: Comparable {
    /// `overall` comes first, then herbs, conditions and treatments, each by the bytes of their keys.
    public static func < (left: Self, right: Self) -> Bool {
        guard left.order == right.order else { return left.order < right.order }
        for (first, second) in zip(left.keys, right.keys) where first != second {
            return first.text.utf8.lexicographicallyPrecedes(second.text.utf8)
        }
        return false
    }

    private var order: Int {
        switch self {
        case .overall: 0
        case .herb: 1
        case .condition: 2
        case .treatment: 3
        }
    }
}
