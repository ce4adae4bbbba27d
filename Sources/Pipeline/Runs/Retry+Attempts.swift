import Configuration
public import Domain
import Store

extension JobDefinition.Retry {
    /// Does something, again and again while it fails in a way that can heal, with waits that double.
    ///
    /// - Parameter onRetry: told why it is tried again, and after which wait.
    /// - Throws: what the last attempt threw; `RunError.stopped` where the task is cancelled during a wait.
    public func attempt<Value>(
        onRetry: (any Failure, Duration) -> Void, _ body: () async throws -> Value
    ) async throws -> Value {
        var wait = wait
        for _ in 1..<max(attempts, 1) {
            do {
                return try await body()
            } catch let error as any Failure where error.canHeal {
                onRetry(error, wait)
                try await RunError.pause(for: wait, before: "it was tried again")
                wait *= 2
            }
        }
        return try await body()
    }
}

extension Failure {
    /// Whether the same may succeed a little later: the database was busy, or something could not be written.
    fileprivate var canHeal: Bool {
        switch self as any Failure {
        case let run as IncompleteRun:
            (run.summary.failures.map(\.error) + [run.summary.releaseFailure].compactMap(\.self)).contains {
                ($0 as? any Failure)?.canHeal ?? false
            }
        case StoreError.busy, StoreError.cannotWrite, LedgerError.busy, is UnwritableFile: true
        default: false
        }
    }
}
