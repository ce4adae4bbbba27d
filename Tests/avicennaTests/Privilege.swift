import Foundation
import TestSupport

/// What the user who runs the tests may do.
enum Privilege {
    static let reason = "needs root with the right to mount and to change the user"

    static var canMount: Bool {
        succeeds("d=$(mktemp -d) && mount -t tmpfs -o size=64k tmpfs $d && umount $d && rmdir $d")
    }

    static var canBecomeNobody: Bool {
        succeeds("setpriv --reuid=65534 --regid=65534 --clear-groups test -x \"$BINARY\"")
    }

    private static func succeeds(_ script: String) -> Bool {
        guard getuid() == 0, let folder = try? TemporaryFolder(), let binary = try? Repository.binary.path else {
            return false  // then the tests are skipped, with the reason printed
        }
        return (try? CommandRun.shell(script, in: folder, environment: ["BINARY": binary]).status) == 0
    }
}
