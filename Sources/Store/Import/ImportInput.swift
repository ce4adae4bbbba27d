import Domain
import Foundation

/// The four files of a clinic, opened.
public struct ClinicFolder {
    let readers: [CSVReader]

    /// Opens the files of a folder.
    ///
    /// - Throws: `MissingFile` where one is not there or cannot be read.
    public init(_ path: String) throws {
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
        let paths = ImportFile.allCases.map { (path as NSString).appendingPathComponent($0.rawValue) }
        for (file, filePath) in zip(ImportFile.allCases, paths) where !FileManager.default.fileExists(atPath: filePath)
        {
            let all = ImportFile.allCases.map(\.rawValue).joined(separator: ", ")
            throw MissingFile(path: path, reason: "has no \(file.rawValue); the folder must hold \(all)")
        }
        readers = try paths.map { try CSVReader(path: $0) }
    }
}

/// A flat file from elsewhere, opened, with the mapping that it is read by.
public struct MappedFile {
    let reader: CSVReader
    let mapping: ImportMapping

    /// Opens a file.
    ///
    /// - Throws: `MissingFile` where it is not there or cannot be read.
    public init(_ path: String, mapping: ImportMapping) throws {
        reader = try CSVReader(path: path)
        self.mapping = mapping
    }
}
