import Foundation
import Testing
import TestSupport

/// The relay with clients that were not written here.
struct RelayClientsTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.addClinic()
        try folder.write(String(repeating: "k", count: 40), to: "secret")
        try folder.write(
            "token_secret_file: secret\nmax_connections_per_address: 5000\nmax_connections_per_diagnosis: 5000\n",
            to: "avicenna.yaml")
        #expect(
            try shell(
                "avicenna import in && avicenna run nightly --as-of 2026-10-20 --only effectiveness,trends,cohorts,scores -q"
            ).status == 0)
    }

    private func shell(_ script: String) throws -> CommandRun {
        try CommandRun.shell(
            "avicenna() { \"$BINARY\" \"$@\"; }; \(script)", in: folder,
            environment: [
                "BINARY": Repository.binary.path,
                "CHECKS": Repository.root.appending(path: "Tests/avicennaTests/Checks").path,
            ])
    }

    @Test func whateverHappensEachClientSeesExactlyTheChangesOfItsDiagnosis() throws {
        let run = try shell("/usr/bin/python3 $CHECKS/relay_soak.py $BINARY 2000 60")
        #expect(run.status == 0, "\(run.output)\(run.errors)")
        print("soak: \(run.output)")
    }

    @Test(arguments: ["websockets", "wsproto"])
    func librariesOfOthersFollow(library: String) throws {
        let relay = try RelayProcess(in: folder)
        let run = try shell(
            "/usr/bin/python3 $CHECKS/relay_client.py \(library) \(relay.port) $(avicenna token --admin) $(avicenna token --service)"
        )
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output == "connect 1\nfeedback_update سلام\npong\nclosed 1000\n", "\(run.output)")
    }

    @Test func aBrowserFollows() throws {
        let relay = try RelayProcess(in: folder)
        let run = try shell("/usr/bin/python3 $CHECKS/browser.py \(relay.port) $(avicenna token --admin) $PWD")
        #expect(run.output == "connect pong 1000 bearer\n", "\(run.output)\(run.errors)")
    }
}
