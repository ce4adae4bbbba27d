import Domain
import Foundation

/// What a process may have of addresses, where somebody limits that (`ulimit -v`).
enum AddressSpace {
    /// Below this, threads may not get what they need to begin, and a process would wait for them for ever.
    static let least = 768 << 20

    /// There is too little.
    struct TooLittle: Failure {
        let allowed: Int

        var description: String {
            "this process may have \(allowed >> 20) MiB of addresses and needs \(AddressSpace.least >> 20) to begin; raise its limit (see 'ulimit -v')"
        }

        var status: ExitStatus { .unavailable }
    }

    static func check() throws {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else { return }
        guard limit.rlim_cur >= least else { throw TooLittle(allowed: Int(limit.rlim_cur)) }
    }
}
