import Dispatch

/// Runs tasks on a thread of their own, one piece at a time, so that they may block: the threads of the cooperative pool are
/// as many as cores, and must not.
///
/// Child tasks inherit the preference and so take turns with their parent. Work for all cores belongs on
/// `globalConcurrentExecutor`.
public final class BlockingTaskExecutor: TaskExecutor {
    private let queue: DispatchQueue

    /// - Parameter label: the name of the thread for debuggers.
    public init(label: String) {
        queue = DispatchQueue(label: label)
    }

    /// Runs a piece of a task on the thread.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
}

/// Runs the methods of an actor on a thread of its own, so that they may block.
public final class BlockingActorExecutor: SerialExecutor {
    private let queue: DispatchQueue

    /// - Parameter label: the name of the thread for debuggers.
    public init(label: String) {
        queue = DispatchQueue(label: label)
    }

    /// Runs a piece of a task on the thread.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { [self] in job.runSynchronously(on: asUnownedSerialExecutor()) }
    }
}
