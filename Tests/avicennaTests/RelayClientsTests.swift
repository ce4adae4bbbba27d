import Foundation
import Testing
import TestSupport

/// The relay with clients that were not written here.
@Suite(.timeLimit(.minutes(30))) struct RelayClientsTests {
    private let clinic: ServedClinic

    init() throws {
        clinic = try ServedClinic(settings: "max_connections_per_address: 5000\nmax_connections_per_diagnosis: 5000\n")
        #expect(try clinic.publish().status == 0)
    }

    @Test func whateverHappensEachClientSeesExactlyTheChangesOfItsDiagnosis() throws {
        let run = try clinic.shell("/usr/bin/python3 $CHECKS/relay_soak.py $BINARY 2000 60")
        #expect(run.status == 0, "\(run.output)\(run.errors)")
        print("soak: \(run.output)")
    }

    @Test(arguments: ["websockets", "wsproto"])
    func librariesOfOthersFollow(library: String) throws {
        let relay = try ServerProcess(in: clinic.folder)
        let run = try clinic.shell(
            "/usr/bin/python3 $CHECKS/relay_client.py \(library) \(relay.port) $(avicenna token --admin) $(avicenna token --service)"
        )
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output == "connect 1\nfeedback_update سلام\npong\nclosed 1000\n", "\(run.output)")
    }

    @Test func aBrowserFollows() throws {
        let relay = try ServerProcess(in: clinic.folder)
        let run = try clinic.shell("/usr/bin/python3 $CHECKS/browser.py \(relay.port) $(avicenna token --admin) $PWD")
        #expect(run.output == "connect pong 1000 bearer\n", "\(run.output)\(run.errors)")
    }

    @Test func aFloodLeavesTheHealthyServed() throws {
        let relay = try ServerProcess(in: clinic.folder)
        let run = try clinic.shell(
            "/usr/bin/python3 $CHECKS/relay_flood.py \(relay.port) $(avicenna token --admin) $(avicenna token --service)"
        )
        #expect(run.output == "all 10 newcomers were served\n", "\(run.errors)")
        print("flood: \(run.errors)")
        let metrics = try clinic.shell(
            "curl -s -H \"Authorization: Bearer $(avicenna token --service)\" http://127.0.0.1:\(relay.port)/metrics"
        ).output
        let newcomers = metrics.firstMatch(of: /refused_total{reason="newcomer"} (\d+)/).flatMap { Int($0.1) }
        #expect(try #require(newcomers) >= 1500, "\(metrics)")
        for reason in ["invalid", "missing", "protocol"] {
            #expect(metrics.contains("refused_total{reason=\"\(reason)\"}"), "\(metrics)")
        }
    }
}
