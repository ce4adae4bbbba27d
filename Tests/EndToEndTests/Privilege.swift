import Foundation
import TestSupport

/// What the user who runs the tests may and can do.
enum Privilege {
    static let reason = "needs root with the right to mount and to change the user"

    static func canMount() async -> Bool {
        guard getuid() == 0 else { return false }
        return await succeeds("d=$(mktemp -d) && mount -t tmpfs -o size=64k tmpfs $d && umount $d && rmdir $d")
    }

    static func canBecomeNobody() async -> Bool {
        guard getuid() == 0 else { return false }
        return await succeeds("setpriv --reuid=65534 --regid=65534 --clear-groups test -x \"$BINARY\"")
    }

    /// Whether a program can be started without the right to listen at ports below 1024.
    static func canDropPorts() async -> Bool {
        guard getuid() == 0 else { return false }
        return await succeeds("setpriv --bounding-set -net_bind_service true")
    }

    static let reasonOfCompiler = "needs clang or cc"

    static func canCompile() async -> Bool { await succeeds("command -v clang || command -v cc") }

    /// Where it does not, tests are skipped, with the reason printed.
    private static func succeeds(_ script: String) async -> Bool {
        guard let folder = try? TemporaryFolder() else { return false }
        return (try? await CommandRun.shell(script, in: folder).status) == 0
    }
}
