import Domain
public import Foundation
import Yams

/// A mapping in a YAML file, read strictly: every error names the file, line and key.
public struct Definition {
    /// Maximum size of a file, in bytes.
    private static let largestFile = 1 << 20

    /// The file as the user named it.
    public let file: String
    /// The keys that lead to this mapping, joined by dots; empty at the top level.
    public let path: String
    /// Line on which the mapping starts, from 1.
    public let line: Int
    private let entries: [(key: String, line: Int, value: Node)]

    /// Reads a file whose top level is a mapping; an empty file is an empty mapping.
    ///
    /// - Throws: `MissingFile` if it cannot be read; `DefinitionError` if it is not valid YAML of this form.
    public init(contentsOf url: URL) throws {
        guard let handle = FileHandle(forReadingAtPath: url.path),
            let bytes = try? handle.read(upToCount: Self.largestFile + 1) ?? Data()  // a folder, for example
        else {
            let isThere = FileManager.default.fileExists(atPath: url.path)
            throw MissingFile(
                path: url.relativePath, reason: isThere ? "cannot be read; check its permissions" : "is not there")
        }
        guard bytes.count <= Self.largestFile else {
            throw DefinitionError(place: url.relativePath, reason: "is larger than 1 MiB; a definition must be smaller")
        }
        guard let text = String(data: bytes, encoding: .utf8) else {
            throw DefinitionError(place: url.relativePath, reason: "is not UTF-8 text; save it as UTF-8")
        }
        try self.init(text: text, file: url.relativePath)
    }

    /// Reads YAML text; `file` is its name in errors.
    ///
    /// - Throws: `DefinitionError` for invalid YAML and for YAML that `DefinitionScan` refuses.
    public init(text: String, file: String) throws {
        try DefinitionScan.check(text, file: file)
        let node: Node?
        do {
            node = try Yams.compose(yaml: text)
        } catch {
            throw Self.syntaxError(error, file: file)
        }
        try self.init(node ?? Node([(Node, Node)]()), file: file, path: "", line: 1)
    }

    private init(_ node: Node, file: String, path: String, line: Int) throws {
        guard case .mapping(let mapping) = node else {
            throw DefinitionError(
                place: "\(file):\(line)", key: path.isEmpty ? nil : path, reason: "must be a mapping of keys to values")
        }
        self.file = file
        self.path = path
        self.line = node.mark?.line ?? line
        entries = mapping.map { key, value in
            (key.scalar?.string ?? "", key.mark?.line ?? value.mark?.line ?? line, value)
        }
    }

    private static func syntaxError(_ error: any Error, file: String) -> DefinitionError {
        guard let error = error as? YamlError else {
            return DefinitionError(place: file, reason: "is no valid YAML: \(error)")
        }
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return DefinitionError(place: "\(file):\(mark.line)", reason: "is no valid YAML: \(problem)")
        case .duplicatedKeysInMapping(let duplicates, let context):
            let names = duplicates.joined(separator: ", ")
            return DefinitionError(
                place: "\(file):\(context.mark.line)", key: names, reason: "stands twice; keep one of them")
        default:
            return DefinitionError(place: file, reason: "is no valid YAML")
        }
    }

    // MARK: Keys

    /// The keys, in the order of the file.
    public var keys: [String] { entries.map(\.key) }

    /// Whether the key has a value that is not null.
    public func has(_ key: String) -> Bool { value(of: key) != nil }

    /// Throws for a key that is not among the known ones.
    public func allow(_ known: [String]) throws {
        for entry in entries where !known.contains(entry.key) {
            throw error(entry.key, "is no known key; \(suggestion(for: entry.key, among: known))")
        }
    }

    /// The error for a key of this mapping, at its line, or at that of one of the items of its list.
    public func error(_ key: String, item: Int? = nil, _ reason: String) -> DefinitionError {
        let entry = entries.first { $0.key == key }
        let items = entry?.value.sequence
        let itemLine = item.flatMap { item in items.flatMap { item < $0.count ? $0[item].mark?.line : nil } }
        let line = itemLine ?? entry?.line ?? line
        return DefinitionError(place: "\(file):\(line)", key: qualified(key), reason: reason)
    }

    private func qualified(_ key: String) -> String {
        path.isEmpty ? key : "\(path).\(key)"
    }

    private func value(of key: String) -> Node? {
        guard let value = entries.first(where: { $0.key == key })?.value else { return nil }
        return value.null == nil ? value : nil
    }

    // MARK: Values

    /// The text of a scalar; `nil` if the key is missing.
    public func string(_ key: String) throws -> String? {
        guard let value = value(of: key) else { return nil }
        guard let scalar = value.scalar else { throw error(key, "must be a single value") }
        return scalar.string
    }

    /// The text of a required scalar, which is not empty.
    public func required(_ key: String) throws -> String {
        guard let value = try string(key), !value.isEmpty else { throw error(key, "is missing") }
        return value
    }

    /// A whole number inside `range`, in Latin, Persian or Arabic digits; `nil` if the key is missing.
    public func integer(_ key: String, in range: ClosedRange<Int>) throws -> Int? {
        guard let text = try string(key) else { return nil }
        guard let number = Int(text.withPlainDigits), range.contains(number) else {
            throw error(key, "is '\(text)', but must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// `true` or `false`; `nil` if the key is missing.
    public func boolean(_ key: String) throws -> Bool? {
        guard let text = try string(key) else { return nil }
        switch text {
        case "true": return true
        case "false": return false
        default: throw error(key, "is '\(text)', but must be true or false")
        }
    }

    /// A word of an enumeration; `nil` if the key is missing.
    public func word<Word: RawRepresentable & CaseIterable>(_ key: String, as type: Word.Type) throws -> Word?
    where Word.RawValue == String {
        try string(key).map { try word($0, of: key) }
    }

    /// A list of words of an enumeration; `nil` if the key is missing.
    public func words<Word: RawRepresentable & CaseIterable>(_ key: String, as type: Word.Type) throws -> [Word]?
    where Word.RawValue == String {
        try strings(key)?.enumerated().map { try word($1, of: key, item: $0) }
    }

    private func word<Word: RawRepresentable & CaseIterable>(
        _ text: String, of key: String, item: Int? = nil
    ) throws -> Word where Word.RawValue == String {
        guard let word = Word(rawValue: text) else {
            throw error(
                key, item: item, "has no '\(text)'; \(suggestion(for: text, among: Word.allCases.map(\.rawValue)))")
        }
        return word
    }

    /// A list of scalars; a single scalar is a list of one. `nil` if the key is missing.
    public func strings(_ key: String) throws -> [String]? {
        guard let value = value(of: key) else { return nil }
        if let scalar = value.scalar { return [scalar.string] }
        guard let sequence = value.sequence else { throw error(key, "must be a list") }
        return try sequence.map { item in
            guard let scalar = item.scalar else { throw error(key, "must be a list of single values") }
            return scalar.string
        }
    }

    /// Whether the value of a key is a mapping.
    public func isMapping(_ key: String) -> Bool { value(of: key)?.mapping != nil }

    /// A nested mapping; `nil` if the key is missing.
    public func mapping(_ key: String) throws -> Definition? {
        guard let value = value(of: key) else { return nil }
        let line = entries.first { $0.key == key }?.line ?? line
        return try Definition(value, file: file, path: qualified(key), line: line)
    }

    /// A list of nested mappings; empty if the key is missing.
    public func mappings(_ key: String) throws -> [Definition] {
        guard let value = value(of: key) else { return [] }
        guard let sequence = value.sequence else { throw error(key, "must be a list") }
        return try sequence.map { item in
            try Definition(item, file: file, path: qualified(key), line: item.mark?.line ?? line)
        }
    }

    /// A mapping of scalars to scalars, in the order of the file; `nil` if the key is missing.
    public func translations(_ key: String) throws -> [String: String]? {
        guard let mapping = try mapping(key) else { return nil }
        return try Dictionary(uniqueKeysWithValues: mapping.keys.map { ($0, try mapping.string($0) ?? "") })
    }
}
