import Foundation

/// The reason for the last failed system call of this thread, such as `Permission denied`.
package var systemError: String {
    String(cString: strerror(errno))
}
