import Foundation
import Store
import StoreSQLite

/// Memory in large pages, for work on gigabytes: the kernel then hands it out some 500 times less often, which saves a fifth of the
/// time of a run over millions of records.
enum LargePages {
    /// Databases below this size, in bytes, gain nothing.
    private static let worthWhile = 64 << 20
    /// What has the C library ask for them. It looks only when a process begins.
    private static let tunable = "glibc.malloc.hugetlb"

    /// Has the process begin anew with them, where its work is on a large database. It is still the same process to others.
    ///
    /// - Parameter database: where it is.
    /// - Throws: `StoreError` where that is no place for a database.
    static func use(for database: String) throws {
        let path = try databasePath(of: database)
        let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
        // Where there is no such file, that is told when it is opened.
        guard let size, size >= worthWhile else { return }
        let others = ProcessInfo.processInfo.environment["GLIBC_TUNABLES"]
        // Who has set it has decided, and it may have been us.
        guard others?.contains(tunable) != true else { return }
        guard let binary = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else { return }
        setenv("GLIBC_TUNABLES", [others, "\(tunable)=1"].compactMap { $0 }.joined(separator: ":"), 1)
        execv(binary, CommandLine.unsafeArgv)
        // Where that is not possible, the work is done all the same.
    }
}
