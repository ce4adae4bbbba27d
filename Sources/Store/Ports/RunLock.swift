/// The right to run jobs on a database, which one process has at a time.
public protocol RunLockStore: Sendable {
    /// Takes the run lock without waiting; `nil` where another process holds it.
    ///
    /// - Throws: `UnwritableFile` where the engine cannot make the lock.
    func takeRunLock() throws -> (any RunLock)?
    /// Whether some process holds the run lock now; `false` where that cannot be found out.
    func isRunLocked() -> Bool
}

/// A run lock, which lasts until it is released from memory or the process ends, however it ends.
public protocol RunLock: AnyObject, Sendable {}
