/// A condition that did not come true in time.
public struct WaitTimeout: Error, CustomStringConvertible {
    /// What was waited for.
    public let description: String
}

/// Waits until a condition is true, looking at it every 20 milliseconds.
///
/// - Parameters:
///   - description: what is waited for, for the error.
///   - timeout: how long to wait at most.
/// - Throws: `WaitTimeout` where the condition did not come true in time; what `condition` throws.
public func waitUntil(
    _ description: String, timeout: Duration = .seconds(600), _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + timeout
    while try await !condition() {
        guard ContinuousClock.now < deadline else {
            throw WaitTimeout(description: "timed out after \(timeout), waiting until \(description)")
        }
        try await Task.sleep(for: .milliseconds(20))
    }
}
