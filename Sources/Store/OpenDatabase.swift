import Foundation

/// Opens the database at a location: a path, or a URL with scheme `sqlite`.
///
/// The schema is brought up to date first.
///
/// - Parameter create: whether to make the database where there is none.
/// - Throws: `StoreError`.
public func openDatabase(at location: String, create: Bool = false) throws -> any Database {
    guard let path = sqlitePath(of: location) else {
        throw StoreError.unknownEngine(location: location)
    }
    return try SQLiteDatabase(path: path, create: create)
}

/// `sqlite:///var/x.db`, `sqlite:x.db` and `x.db`; `nil` for another scheme.
private func sqlitePath(of location: String) -> String? {
    guard let colon = location.firstIndex(of: ":"), !location[..<colon].contains("/") else { return location }
    guard location[..<colon] == "sqlite" else { return nil }
    let path = location[location.index(after: colon)...]
    return String(path.hasPrefix("//") ? path.dropFirst(2) : path)
}
