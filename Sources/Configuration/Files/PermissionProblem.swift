import Foundation

/// The reason for which this process may not access a file, and what to do about it.
public struct PermissionProblem: Equatable, Sendable, CustomStringConvertible {
    /// The reason.
    public let reason: String
    /// What to do.
    public let advice: String

    /// The reason and the advice.
    public var description: String { "\(reason); \(advice)" }

    /// Checks the access to a file.
    ///
    /// - Parameter access: `R_OK`, `W_OK` or `X_OK`, or several of them.
    /// - Returns: `nil` if this process has the access, or if the file does not exist.
    package init?(of path: String, access mode: Int32) {
        guard access(path, mode) != 0 else { return nil }
        switch errno {
        case EROFS:
            reason = "\(path) is on a read-only file system"
            advice = "remount it for writing, or work on a copy"
        case EACCES, EPERM:
            var status = stat()
            guard stat(path, &status) == 0 else {
                reason = "a folder on the way to \(path) may not be searched"
                advice = "ask its owner for permission"
                return
            }
            let owner = Self.name(of: status.st_uid)
            guard status.st_uid != geteuid() else {
                let letters = [(R_OK, "r"), (W_OK, "w"), (X_OK, "x")].filter { mode & $0.0 != 0 }.map(\.1).joined()
                reason = "the permissions of \(path) do not allow it"
                advice = "use chmod u+\(letters) \(path)"
                return
            }
            reason =
                "\(path) belongs to the user \(owner), and this command runs as \(Self.name(of: geteuid()))"
            advice = "run it as \(owner), or ask \(owner) for permission"
        default: return nil
        }
    }

    private static func name(of user: uid_t) -> String {
        guard let entry = getpwuid(user), let name = entry.pointee.pw_name else { return String(user) }
        return String(cString: name)
    }
}
