import Dispatch
import Foundation

/// What asks a process to end: SIGTERM, from a system that goes down, and SIGINT, from a terminal.
enum Signals {
    /// Runs a body that is cancelled at the first such signal; a second one ends the process at once.
    static func endingCleanly<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let task = Task { try await body() }
        let sources = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)  // the source hears it instead
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler {
                task.cancel()
                signal(number, SIG_DFL)
            }
            source.resume()
            return source
        }
        defer { sources.forEach { $0.cancel() } }
        return try await task.value
    }
}
