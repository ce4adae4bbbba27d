import Foundation

/// Why the system call that failed last on this thread did so, such as `Permission denied`.
package var systemError: String {
    String(cString: strerror(errno))
}
