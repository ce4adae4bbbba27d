import Domain
import Foundation
import Store

/// How much memory a run takes, so that one for which there is not enough ends before it reads anything: a process that is
/// refused memory half-way can say nothing any more.
struct MemoryNeed {
    /// Addresses that threads take for their stacks and their own memory.
    private static let threads = 256 << 20

    /// Bytes that may be taken beside what the process has.
    let bytes: Int

    /// What a run of all stages takes, by measurements.
    init(of records: RecordCounts) {
        bytes =
            (48 << 20) + 110 * records.feedback + 110 * records.recommendations + 60 * records.diagnoses + 20
            * records.patients
    }

    /// Whether the process may have as much, and the machine has it.
    var isMet: Bool { bytes <= Self.machineBytes && canReserve }

    /// Asks for the memory, and for that of threads, and gives it back untouched.
    private var canReserve: Bool {
        let addresses = bytes + Self.threads
        let area = mmap(
            nil, addresses, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
        guard let area, area != MAP_FAILED else { return false }
        munmap(area, addresses)
        return true
    }

    /// What the machine has, on disk as well; no end of it where the kernel does not tell.
    private static var machineBytes: Int {
        let figures = KernelFigures(path: "/proc/meminfo")
        return figures.bytes("MemTotal").map { $0 + (figures.bytes("SwapTotal") ?? 0) } ?? .max
    }
}

extension ColumnStore where Self: Maintenance {
    /// Everything that a run reads, where there is enough memory for what it makes of it.
    ///
    /// - Throws: `RunError.tooLittleMemory`; `StoreError`.
    func affordableClinic(asOf: Day, in zone: ClinicTimeZone) throws -> Clinic {
        // To count them takes a while, which is spared where there is enough for the most that they can be.
        if !MemoryNeed(of: try recordBounds()).isMet {
            let need = MemoryNeed(of: try recordCounts())
            guard need.isMet else { throw RunError.tooLittleMemory(needed: need.bytes) }
        }
        return try clinic(asOf: asOf, in: zone, refreshingCache: true)
    }
}
