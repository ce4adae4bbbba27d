import Foundation

/// The one absolute path of a file, without symbolic links, `.` and `..`, whether or not the file exists yet.
///
/// A symbolic link to a file that does not exist counts as that file. Where a folder on the way does not exist or may not be
/// searched, the path is returned as it is, and opening it reports the reason.
package func canonicalPath(_ path: String) -> String {
    // As many links as the kernel follows.
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
