import Foundation
import TestSupport
import Testing

/// The relay under the Autobahn test suite, whose client tries more than 500 uses and abuses of RFC 6455.
@Suite(.endToEnd, .timeLimit(.minutes(30))) struct AutobahnTests {
    private static let suite = Repository.root.appending(path: ".build/autobahn/bin/wstest").path

    @Test(
        .enabled(
            if: FileManager.default.isExecutableFile(atPath: suite),
            "the Autobahn suite is not installed; 'make test' installs it where there is Python 2.7"),
        .timeLimit(.minutes(30)))
    func followsTheStandardAsTheAutobahnSuiteReadsIt() async throws {
        let clinic = try await ServedClinic(settings: "rate_limit: 0\n")
        let server = try await ServerProcess(in: clinic.folder, command: "serve")
        let run = try await clinic.shell(
            "/usr/bin/python3 $SCRIPTS/autobahn.py '\(Self.suite)' \(server.port) $(avicenna token --admin) $PWD/autobahn"
        )
        #expect(run.status == 0, "\(run.output.suffix(4000)) \(run.errors.suffix(2000))")
        #expect(try server.errors == "listening at 127.0.0.1:\(server.port)\n")
    }
}
