import Foundation
import Synchronization

/// A program that runs beside the tests. It waits for its end by `waitpid`: Foundation's `Process` waits by `select`, which
/// never hears of one whose descriptor lies above 1023, and some tests have that many.
public final class ChildProcess: Sendable {
    /// How a program ended.
    public enum End: Equatable, Sendable {
        /// With an exit status.
        case exit(Int32)
        /// By a signal.
        case signal(Int32)
    }

    /// Its number.
    public let processIdentifier: Int32
    private let ended = Mutex(End?.none)

    /// Starts a program without input and with the usual signals.
    ///
    /// - Parameters:
    ///   - output: the file that it writes to.
    ///   - errors: the file that it writes errors to.
    init(
        _ program: String, _ arguments: [String], in folder: String, environment: [String: String], output: String,
        errors: String
    ) throws {
        var files = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&files)
        defer { posix_spawn_file_actions_destroy(&files) }
        posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&files, STDERR_FILENO, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        // What the tests have open is not for it; some may be opened meanwhile.
        let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { Int32($0) }
        for descriptor in 3...(open.max() ?? 3) + 64 { posix_spawn_file_actions_addclose(&files, descriptor) }

        // Network code in the tests ignores SIGPIPE, and threads hold signals back, for the programs that they start as well.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigaddset(&signals, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        var words: [UnsafeMutablePointer<CChar>?] =
            (["env", "-C", folder, program] + arguments).map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { (words + variables).forEach { free($0) } }
        var number = pid_t()
        let code = posix_spawn(&number, "/usr/bin/env", &files, &attributes, &words, &variables)
        guard code == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: code) ?? .ENOENT)
        }
        processIdentifier = number
    }

    /// Whether it has not ended yet.
    public var isRunning: Bool { look(options: WNOHANG) == nil }

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

    /// Waits for its end.
    @discardableResult
    public func waitUntilExit() -> End {
        // Without holding the lock for long, so that others may ask meanwhile.
        var information = siginfo_t()
        while waitid(P_PID, id_t(processIdentifier), &information, WEXITED | WNOWAIT) < 0, errno == EINTR {}
        return look(options: 0) ?? .exit(0)
    }

    /// The exit status; that of the signal where one ended it.
    public var terminationStatus: Int32 {
        switch waitUntilExit() {
        case .exit(let status): status
        case .signal(let signal): signal
        }
    }

    private func look(options: Int32) -> End? {
        ended.withLock { ended in
            if let ended { return ended }
            var status: Int32 = 0
            var number = waitpid(processIdentifier, &status, options)
            while number < 0, errno == EINTR { number = waitpid(processIdentifier, &status, options) }
            guard number == processIdentifier else { return nil }
            // The low seven bits are the signal, the next byte the exit status.
            ended = status & 0x7F == 0 ? .exit(status >> 8 & 0xFF) : .signal(status & 0x7F)
            return ended
        }
    }
}
