import Domain
import Foundation
import Synchronization

/// A bar on stderr that is drawn over itself at most ten times a second, on a terminal only.
final class ProgressBar: Sendable {
    private static let width = 30

    private let lastDrawn = Mutex<ContinuousClock.Instant?>(nil)

    /// `nil` where stderr is no terminal.
    init?() {
        guard isatty(STDERR_FILENO) == 1 else { return nil }
    }

    /// - Parameters:
    ///   - fraction: how much is done, 0…1.
    ///   - isLasting: whether the next may be long in coming, so that this one is not to be left out.
    func show(_ fraction: Double, _ text: String, isLasting: Bool = false) {
        let isDue = lastDrawn.withLock { last in
            if let drawn = last, ContinuousClock.now - drawn < .milliseconds(100) { return false }
            last = .now
            return true
        }
        guard isDue || isLasting else { return }
        let filled = Int(fraction * Double(Self.width))
        let bar = String(repeating: "█", count: filled) + String(repeating: "·", count: Self.width - filled)
        draw("\r\(bar) \(Int(fraction * 100)) % \(text.visible)\u{1B}[K")
    }

    /// Takes the bar away.
    func clear() {
        draw("\r\u{1B}[K")
    }

    private func draw(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}
