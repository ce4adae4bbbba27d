import Hummingbird
import NIOCore
import Relay
import Synchronization

/// Runs `body`, and throws a `Problem` (503) as soon as a deadline has passed, whatever `body` does then.
///
/// `body` is cancelled at the deadline, and when the caller is; if it cannot be cancelled, it goes on and its result is
/// dropped.
///
/// - Parameters:
///   - loop: the event loop of the connection, whose timer is used.
///   - isLight: whether `body` takes so little time that it may run on the event loop.
func withDeadline<Value: Sendable>(
    _ deadline: ContinuousClock.Instant, on loop: any EventLoop, isLight: Bool,
    _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let first = FirstResult<Value>()
    return try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { continuation in
            first.await(with: continuation)
            let executor: any TaskExecutor = isLight ? EventLoopExecutor(loop) : globalConcurrentExecutor
            let work = Task(executorPreference: executor) {
                do { first.take(.success(try await body())) } catch { first.take(.failure(error)) }
            }
            let timer = loop.scheduleTask(in: deadline.timeLeft) {
                var problem = Problem(.serviceUnavailable, "there was no answer in time; try again later")
                problem.headers[.retryAfter] = "5"
                first.take(.failure(problem))
            }
            first.onEnd {
                timer.cancel()
                work.cancel()
            }
        }
    } onCancel: {
        first.take(.failure(CancellationError()))
    }
}

extension ContinuousClock.Instant {
    /// The time until then; 0 once it has passed.
    var timeLeft: TimeAmount { .nanoseconds(Int64(max(.zero, self - .now) / .nanoseconds(1))) }
}

/// Resumes a continuation with the first of several results.
private final class FirstResult<Value: Sendable>: Sendable {
    private struct State {
        var result: Result<Value, any Error>?
        var continuation: CheckedContinuation<Value, any Error>?
        var cleanUp: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    /// Resumes the continuation once there is a result. To be called once.
    func await(with continuation: CheckedContinuation<Value, any Error>) {
        let result = state.withLock { state in
            if state.result == nil { state.continuation = continuation }
            return state.result
        }
        if let result { continuation.resume(with: result) }
    }

    /// Calls `cleanUp` once there is a result. To be called once.
    func onEnd(_ cleanUp: @escaping @Sendable () -> Void) {
        let isOver = state.withLock { state in
            if state.result == nil { state.cleanUp = cleanUp }
            return state.result != nil
        }
        if isOver { cleanUp() }
    }

    /// Takes a result; later ones are dropped.
    func take(_ result: Result<Value, any Error>) {
        let ended: State? = state.withLock { state in
            guard state.result == nil else { return nil }
            defer { state = State(result: result) }
            return state
        }
        ended?.cleanUp?()
        ended?.continuation?.resume(with: result)
    }
}
