import Foundation
import Testing
import TestSupport

/// The relay with clients that were not written here.
@Suite(.endToEnd, .timeLimit(.minutes(30))) struct RelayClientsTests {
    private let clinic: ServedClinic

    init() async throws {
        clinic = try await ServedClinic(
            settings: "max_connections_per_address: 5000\nmax_connections_per_diagnosis: 5000\n")
        #expect(try await clinic.publish().status == 0)
    }

    @Test func whateverHappensEachClientSeesExactlyTheChangesOfItsDiagnosis() async throws {
        let run = try await clinic.shell("/usr/bin/python3 $SCRIPTS/relay_soak.py $BINARY 2000 60")
        #expect(run.status == 0, "\(run.output)\(run.errors)")
        print("soak: \(run.output)")
    }

    @Test(arguments: ["websockets", "wsproto"])
    func librariesOfOthersFollow(library: String) async throws {
        let relay = try await ServerProcess(in: clinic.folder)
        let run = try await clinic.shell(
            "/usr/bin/python3 $SCRIPTS/relay_client.py \(library) \(relay.port) $(avicenna token --admin) $(avicenna token --service)"
        )
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output == "connect 1\nfeedback_update سلام\npong\nclosed 1000\n", "\(run.output)")
    }

    @Test func aBrowserFollows() async throws {
        let relay = try await ServerProcess(in: clinic.folder)
        let run = try await clinic.shell(
            "/usr/bin/python3 $SCRIPTS/browser.py \(relay.port) $(avicenna token --admin) $PWD")
        #expect(run.output == "connect pong 1000 bearer\n", "\(run.output)\(run.errors)")
    }

    @Test func aFloodLeavesTheHealthyServed() async throws {
        let relay = try await ServerProcess(in: clinic.folder)
        let run = try await clinic.shell(
            "/usr/bin/python3 $SCRIPTS/relay_flood.py \(relay.port) $(avicenna token --admin) $(avicenna token --service)"
        )
        #expect(run.output == "all 10 newcomers were served\n", "\(run.errors)")
        print("flood: \(run.errors)")
        let metrics = try await clinic.shell(
            "curl -s -H \"Authorization: Bearer $(avicenna token --service)\" http://127.0.0.1:\(relay.port)/metrics"
        ).output
        let newcomers = metrics.firstMatch(of: /refused_total{reason="newcomer"} (\d+)/).flatMap { Int($0.1) }
        #expect(try #require(newcomers) >= 1500, "\(metrics)")
        for reason in ["invalid", "missing", "protocol"] {
            #expect(metrics.contains("refused_total{reason=\"\(reason)\"}"), "\(metrics)")
        }
    }
}
