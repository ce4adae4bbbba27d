import Dispatch
import Synchronization

/// Computes a value for each number in `0..<count` on all cores. Blocks until all are computed.
///
/// - Returns: the values in the order of the numbers.
/// - Throws: the error of the first number that has one.
public func concurrently<Value: Sendable>(
    _ count: Int, _ body: @Sendable (Int) throws -> Value
) throws -> [Value] {
    let results = Mutex([Int: Result<Value, any Error>]())
    DispatchQueue.concurrentPerform(iterations: count) { index in
        let result = Result { try body(index) }
        results.withLock { $0[index] = result }
    }
    return try results.withLock { results in try (0..<count).compactMap { try results[$0]?.get() } }
}
