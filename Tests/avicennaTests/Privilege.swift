import Foundation
import TestSupport

/// What the user who runs the tests may and can do.
enum Privilege {
    static let reason = "needs root with the right to mount and to change the user"

    static var canMount: Bool {
        getuid() == 0 && succeeds("d=$(mktemp -d) && mount -t tmpfs -o size=64k tmpfs $d && umount $d && rmdir $d")
    }

    static var canBecomeNobody: Bool {
        getuid() == 0 && succeeds("setpriv --reuid=65534 --regid=65534 --clear-groups test -x \"$BINARY\"")
    }

    /// Whether a program can be started without the right to listen at ports below 1024.
    static var canDropPorts: Bool {
        getuid() == 0 && succeeds("setpriv --bounding-set -net_bind_service true")
    }

    static let reasonOfCompiler = "needs clang or cc"

    static var canCompile: Bool { succeeds("command -v clang || command -v cc") }

    /// Where it does not, tests are skipped, with the reason printed.
    private static func succeeds(_ script: String) -> Bool {
        guard let folder = try? TemporaryFolder() else { return false }
        return (try? CommandRun.shell(script, in: folder).status) == 0
    }
}
