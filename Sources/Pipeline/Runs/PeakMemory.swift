import Foundation

/// The most memory that this process held at a time, by the kernel's count.
enum PeakMemory {
    /// Begins to count anew. Where the kernel does not let us, the count goes on from the beginning of the process.
    static func reset() {
        guard let file = FileHandle(forWritingAtPath: "/proc/self/clear_refs") else { return }
        try? file.write(contentsOf: Data("5\n".utf8))  // see above
    }

    /// In bytes; 0 where the kernel does not tell.
    static var bytes: Int {
        KernelFigures(path: "/proc/self/status").bytes("VmHWM") ?? 0
    }
}
