import Configuration
import Domain
import Foundation

/// The four files of a clinic, opened.
public struct ClinicFolder {
    let readers: [CSVReader]

    /// Opens the files of a folder. Each may be compressed by gzip (`patients.csv.gz`), and case does not matter in its name.
    ///
    /// - Throws: `MissingFile` where one is not there or cannot be read; `ImportError.format` where one is not CSV.
    public init(_ path: String, dialect: InputDialect = InputDialect()) throws {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw MissingFile(path: path, reason: "is not there; name a folder with the clinic's CSV files")
        }
        guard isFolder.boolValue else {
            throw MissingFile(path: path, reason: "is a file; to import a file from elsewhere, add --mapping MAP.yaml")
        }
        guard access(path, R_OK | X_OK) == 0 else {
            throw MissingFile(path: path, reason: "cannot be read: \(systemError)")
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
        readers = try ImportFile.allCases.map { file in
            let name = try Self.name(of: file, among: names, in: path)
            return try CSVReader(
                path: (path as NSString).appendingPathComponent(name), encoding: dialect.encoding,
                separator: dialect.separator)
        }
    }

    /// The name that a file has in its folder.
    private static func name(of file: ImportFile, among names: [String], in folder: String) throws -> String {
        let accepted = [file.rawValue, file.rawValue + ".gz"]
        if let name = accepted.first(where: names.contains) { return name }
        let similar = names.filter { accepted.contains($0.lowercased()) }
        if similar.count > 1 {
            throw MissingFile(
                path: folder, reason: "has \(similar.joined(separator: " and ")); keep one of them as \(file.rawValue)")
        }
        if let name = similar.first { return name }
        let stem = file.rawValue.dropLast(".csv".count)
        if let other = names.first(where: { $0.lowercased().hasPrefix("\(stem).") }) {
            throw MissingFile(
                path: folder, reason: "has no \(file.rawValue), but \(other); save that as 'CSV UTF-8' beside it")
        }
        let all = ImportFile.allCases.map(\.rawValue).joined(separator: ", ")
        throw MissingFile(path: folder, reason: "has no \(file.rawValue); the folder must have \(all)")
    }
}

/// A flat file from elsewhere, opened, with the mapping that it is read by.
public struct MappedFile {
    let reader: CSVReader
    let mapping: ImportMapping

    /// Opens a file.
    ///
    /// - Throws: `MissingFile` where it is not there or cannot be read; `ImportError.format` where it is not CSV.
    public init(_ path: String, mapping: ImportMapping, dialect: InputDialect = InputDialect()) throws {
        reader = try CSVReader(path: path, encoding: dialect.encoding, separator: dialect.separator)
        self.mapping = mapping
    }
}
