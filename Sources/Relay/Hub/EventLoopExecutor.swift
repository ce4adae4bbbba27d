public import NIOCore

/// Runs tasks on an event loop, so that what belongs to one connection changes no threads. Nothing in such a task may block.
public final class EventLoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    /// An executor of a loop.
    public init(_ loop: any EventLoop) {
        self.loop = loop
    }

    /// Runs a piece of a task.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
}
