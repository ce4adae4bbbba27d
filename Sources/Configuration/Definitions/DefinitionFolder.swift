import Domain
public import Foundation

/// A folder of definitions, each in a file `NAME.yaml`.
public struct DefinitionFolder {
    private let url: URL
    /// The noun for one of its definitions in errors, such as `job`.
    private let kind: String

    /// A folder of definitions of one kind.
    public init(_ url: URL, kind: String) {
        self.url = url
        self.kind = kind
    }

    /// The names of the definitions, sorted.
    ///
    /// - Throws: `MissingFile` if the folder cannot be read.
    public func names() throws -> [String] {
        let files: [String]
        do {
            files = try FileManager.default.contentsOfDirectory(atPath: url.path)
        } catch {
            throw MissingFile(
                path: url.relativePath, reason: "is no folder that can be read; name the one with the \(kind)s")
        }
        return files.filter { $0.hasSuffix(".yaml") && !$0.hasPrefix(".") }.map { String($0.dropLast(5)) }.sorted()
    }

    /// Reads the definition of a name.
    ///
    /// - Throws: `DefinitionError` if the name is unknown, with the nearest known one; `MissingFile` if the file cannot be
    ///   read.
    public func definition(named name: String) throws -> Definition {
        let known = try names()
        guard known.contains(name) else {
            throw DefinitionError(
                place: url.relativePath, key: name,
                reason: "is no \(kind) here; \(suggestion(for: name, among: known))")
        }
        return try Definition(contentsOf: url.appending(path: "\(name).yaml"))
    }
}
