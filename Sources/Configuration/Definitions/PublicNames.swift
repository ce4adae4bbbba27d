public import Domain
public import Foundation

/// The public names of herbs and conditions, entered by staff for publication.
///
/// Without an entry the key is shown: text of a single record is never published.
public struct PublicNames: Equatable, Sendable {
    /// Maximum length of a name, in Unicode scalars.
    private static let longest = 200

    private var herbs: [TextKey: String] = [:]
    private var conditions: [TextKey: String] = [:]

    /// No names.
    public init() {}

    /// Reads a file with the mappings `herbs` and `conditions`, each from any spelling of a name to its public name.
    ///
    /// - Throws: `MissingFile`; `DefinitionError` that names the line and key, also if two names would be displayed alike.
    public init(contentsOf file: URL) throws {
        try self.init(try Definition(contentsOf: file))
    }

    init(_ definition: Definition) throws {
        try definition.allow(["herbs", "conditions"])
        herbs = try Self.names(try definition.mapping("herbs"))
        conditions = try Self.names(try definition.mapping("conditions"))
    }

    private static func names(_ mapping: Definition?) throws -> [TextKey: String] {
        guard let mapping else { return [:] }
        var names: [TextKey: String] = [:]
        var spellings: [TextKey: String] = [:]
        for spelling in mapping.keys {
            let key = TextKey(spelling)
            let name = try mapping.required(spelling).displayedName
            guard !key.text.isEmpty else { throw mapping.error(spelling, "is not a name: it has nothing to compare") }
            guard spelling.forbiddenInName == nil, name.forbiddenInName == nil, TextKey.hasContent(name),
                name.unicodeScalars.count <= longest
            else {
                throw mapping.error(
                    spelling,
                    "must be a name of at most \(longest) characters with a letter, without control characters")
            }
            if let other = spellings.updateValue(spelling, forKey: key) {
                throw mapping.error(spelling, "is another spelling of '\(other)'; keep one of them")
            }
            names[key] = name
        }
        try refuseAlike(names, spellings, in: mapping)
        return names
    }

    /// Each public name must identify one key.
    private static func refuseAlike(
        _ names: [TextKey: String], _ spellings: [TextKey: String], in mapping: Definition
    ) throws {
        var owners: [TextKey: TextKey] = [:]
        for spelling in mapping.keys {
            let key = TextKey(spelling)
            guard let name = names[key] else { continue }
            let shown = TextKey(name)
            let isOther = shown != key && names[shown] != nil
            guard let other = owners.updateValue(key, forKey: shown) ?? (isOther ? shown : nil) else { continue }
            throw mapping.error(
                spelling,
                "has the public name '\(name)', which leads to '\(spellings[other] ?? "")' as well; name it otherwise")
        }
    }

    /// The public name of a herb; `nil` for none.
    public func name(ofHerb key: TextKey) -> String? { herbs[key] }

    /// The public name of a condition; `nil` for none.
    public func name(ofCondition key: TextKey) -> String? { conditions[key] }
}
