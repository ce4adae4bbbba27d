import Domain
import Foundation

/// Where people read: data goes to stdout, everything else to stderr.
enum Terminal {
    /// A line on stderr.
    static func note(_ line: String) {
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }

    /// Text on stdout. A reader that went away ends the program, as for other Unix tools.
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
