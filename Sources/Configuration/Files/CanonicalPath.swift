import Foundation

/// Returns the canonical absolute path of a file, without symbolic links, `.` and `..`. The file need not exist.
///
/// A symbolic link to a missing file resolves to that file. If a parent folder is missing or may not be searched, the path is
/// returned unchanged, and opening it reports the reason.
package func canonicalPath(_ path: String) -> String {
    // The kernel follows 40 links as well.
    var path = path
    for _ in 0..<40 {
        if let resolved = resolvedPath(path) { return resolved }
        guard errno == ENOENT, let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path) else {
            break  // it is not a link
        }
        path = target.hasPrefix("/") ? target : "\(folder(of: path))/\(target)"
    }
    let name = path.split(separator: "/", omittingEmptySubsequences: false).last.map(String.init) ?? ""
    guard !["", ".", ".."].contains(name), let folder = resolvedPath(folder(of: path)) else { return path }
    return folder == "/" ? "/\(name)" : "\(folder)/\(name)"
}

private func resolvedPath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
}

private func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
}
