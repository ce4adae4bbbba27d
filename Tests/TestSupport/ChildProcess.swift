import Foundation
import Subprocess
import Synchronization
import SystemPackage

/// A program that runs beside the tests, at most as long as its holder lives.
public final class ChildProcess: Sendable {
    /// How a program ended.
    public enum End: Equatable, Sendable {
        /// With an exit status.
        case exit(Int32)
        /// By a signal.
        case signal(Int32)

        fileprivate init(_ status: TerminationStatus) {
            switch status {
            case .exited(let code): self = .exit(code)
            case .signaled(let signal): self = .signal(signal)
            }
        }
    }

    /// Its number.
    public let processIdentifier: Int32
    private let ending: Task<End, any Error>
    /// Shared with the task that waits for the end.
    private let state: State

    private final class State: Sendable {
        let hasEnded = Mutex(false)
    }

    /// Starts a program without input. It runs when this returns.
    ///
    /// - Parameters:
    ///   - program: its path.
    ///   - output: the file that it writes to.
    ///   - errors: the file that it writes errors to.
    init(
        _ program: String, _ arguments: [String], in folder: String, environment: [String: String], output: String,
        errors: String
    ) async throws {
        let variables = environment.map { (Subprocess.Environment.Key(stringLiteral: $0.key), $0.value) }
        let configuration = Configuration(
            executable: .path(FilePath(program)), arguments: Arguments(arguments),
            environment: .custom(Dictionary(uniqueKeysWithValues: variables)), workingDirectory: FilePath(folder))
        let (started, start) = AsyncThrowingStream<Int32, any Error>.makeStream()
        let state = State()
        ending = Task {
            defer { state.hasEnded.withLock { $0 = true } }
            do {
                let result = try await run(
                    configuration, input: .none, output: try Self.file(output), error: try Self.file(errors)
                ) { execution in
                    start.yield(execution.processIdentifier.value)
                }
                return End(result.terminationStatus)
            } catch {
                start.finish(throwing: error)
                throw error
            }
        }
        self.state = state
        var number: Int32?
        for try await first in started {
            number = first
            break
        }
        guard let number else { throw CancellationError() }
        processIdentifier = number
    }

    private static func file(_ path: String) throws -> FileDescriptorOutput {
        .fileDescriptor(
            try FileDescriptor.open(
                FilePath(path), .writeOnly, options: [.create, .truncate, .closeOnExec], permissions: .ownerReadWrite),
            closeAfterSpawningProcess: true)
    }

    deinit {
        send(SIGKILL)
    }

    /// Whether it has not ended yet.
    public var isRunning: Bool { state.hasEnded.withLock { !$0 } }

    /// Sends it a signal, unless it has ended.
    public func send(_ signal: Int32) {
        state.hasEnded.withLock { hasEnded in
            if !hasEnded { kill(processIdentifier, signal) }
        }
    }

    /// The most memory that it held since it last began to count, in bytes.
    public var peakMemory: Int { memory("VmHWM") }

    /// Its resident memory, in bytes.
    public var residentMemory: Int { memory("VmRSS") }

    private func memory(_ name: String) -> Int {
        // It may have ended meanwhile.
        let status = (try? String(contentsOfFile: "/proc/\(processIdentifier)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("\(name):") }
        return (line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
    }

    /// Waits for its end. Where the waiting task is cancelled, the program is killed.
    @discardableResult
    public func waitUntilExit() async throws -> End {
        try await withTaskCancellationHandler {
            try await ending.value
        } onCancel: {
            send(SIGKILL)
        }
    }

    /// Sends it a signal and waits for its end.
    @discardableResult
    public func end(with signal: Int32) async throws -> End {
        send(signal)
        return try await waitUntilExit()
    }

    /// Waits until a condition is true or it has ended.
    public func wait(until isTrue: () throws -> Bool) async throws {
        try await waitUntil("a program is as far") { try !isRunning || isTrue() }
    }

    /// The exit status; that of the signal where one ended it.
    public var terminationStatus: Int32 {
        get async throws {
            switch try await waitUntilExit() {
            case .exit(let status): status
            case .signal(let signal): signal
            }
        }
    }
}
