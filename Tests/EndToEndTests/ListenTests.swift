import Foundation
import TestSupport
import Testing

/// A server that cannot listen says why, in one line.
@Suite(.endToEnd, .timeLimit(.minutes(30))) struct ListenTests {
    private let clinic: ServedClinic

    init() async throws {
        clinic = try await ServedClinic()
    }

    private func expect(_ options: String, _ line: String, status: Int32 = 69, prefix: String = "") async throws {
        for command in ["serve", "relay"] {
            let run = try await clinic.shell("timeout 20 \(prefix) \"$BINARY\" \(command) \(options)")
            #expect(run.status == status, "\(command) \(options): \(run.errors)")
            #expect(run.errors == "avicenna: cannot listen at \(line)\n")
            #expect(run.output.isEmpty)
        }
    }

    @Test func aPortInUse() async throws {
        let server = try await ServerProcess(in: clinic.folder)
        try await expect(
            "--port \(server.port)",
            "127.0.0.1:\(server.port): another program uses this port; end it, or set 'port' to another one")
    }

    @Test func anUnknownHost() async throws {
        try await expect(
            "--host nosuch.invalid --port 0",
            "nosuch.invalid:0: there is no host of this name; set 'host' to an address of this machine, such as 127.0.0.1"
        )
    }

    @Test func anAddressOfAnotherMachine() async throws {
        try await expect(
            "--host 192.0.2.1 --port 0",
            "192.0.2.1:0: this machine does not have this address; set 'host' to one that it has, or to 0.0.0.0 for all"
        )
    }

    @Test(.enabled("needs root with the right to give up rights") { await Privilege.canDropPorts() })
    func aPrivilegedPort() async throws {
        try await expect(
            "--port 81",
            "127.0.0.1:81: this user may not use this port; set 'port' to one from 1024, or grant the right CAP_NET_BIND_SERVICE",
            status: 77, prefix: "setpriv --bounding-set -net_bind_service")
    }
}
