public import Store

extension RunLockStore where Self: Maintenance {
    /// Takes the run lock, and waits while another process holds it.
    ///
    /// - Parameters:
    ///   - wait: how long to wait at most.
    ///   - onWait: called once, when the wait begins.
    /// - Throws: `RunError.locked` where another process still holds it; `UnwritableFile` where the lock cannot be made;
    ///   `RunError` where the process is asked to end meanwhile.
    public func runLock(wait: Duration, onWait: () -> Void = {}) async throws -> any RunLock {
        try await waitForRunLock(of: location, for: wait, onWait: onWait) { try takeRunLock() }
    }
}

/// Takes the run lock of a database by `take`, and waits while that returns `nil`.
///
/// - Parameters:
///   - location: the database, as messages name it.
///   - wait: how long to wait at most.
///   - onWait: called once, when the wait begins.
/// - Throws: `RunError.locked` where another process still holds it; what `take` throws; `RunError` where the process is asked to
///   end meanwhile.
public func waitForRunLock(
    of location: String, for wait: Duration, onWait: () -> Void = {}, take: () throws -> (any RunLock)?
) async throws -> any RunLock {
    let deadline = ContinuousClock.now + wait
    var isWaiting = false
    while true {
        if let lock = try take() { return lock }
        guard ContinuousClock.now < deadline else { throw RunError.locked(location: location) }
        if !isWaiting {
            isWaiting = true
            onWait()
        }
        try await RunError.pause(for: .milliseconds(100), before: "it had its turn on \(location)")
    }
}
