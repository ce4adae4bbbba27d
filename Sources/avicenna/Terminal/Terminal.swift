import Configuration
import Domain
import Foundation

/// Where people read: data goes to stdout, everything else to stderr.
enum Terminal {
    /// A line on stderr, as `visible`.
    static func note(_ line: String) {
        FileHandle.standardError.write(Data((line.visible + "\n").utf8))
    }

    /// Lines for people on stdout, each as `visible`.
    static func show(_ lines: String...) throws { try show(lines) }

    /// Lines for people on stdout, each as `visible`.
    static func show(_ lines: [String]) throws {
        try write(lines.map { $0.visible + "\n" }.joined())
    }

    /// Data on stdout, as it is. A reader that went away ends the program, as for other Unix tools.
    static func write(_ text: String) throws {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
        } catch {
            throw UnwritableFile(path: "standard output", reason: error.localizedDescription)
        }
    }

    /// The moment at hand.
    static func now() -> Instant {
        Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
    }
}
