import Foundation
import TestSupport
import Testing

/// Symbolic links that somebody planted where a file is to be written: what they point to stays as it is.
@Suite(.endToEnd, .timeLimit(.minutes(30))) struct PlantedLinkTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.addClinic()
        try folder.write("precious", to: "victim")
    }

    private static let files: [(planted: String, command: String, status: Int)] = [
        ("out/effectiveness-2026-10-20.csv", "report effectiveness --output out", 0),
        ("out/effectiveness-2026-10-20.xlsx", "report effectiveness --output out", 0),
        ("out/effectiveness-2026-10-20.pdf", "report effectiveness --output out", 0),
        ("metrics.prom", "run nightly --as-of 2026-10-20 -q --metrics-file metrics.prom", 0),
        ("kept", "backup kept --force", 0), ("made/patients.csv", "demo made --feedback 10", 0),
        ("avicenna.db.lock", "run nightly --as-of 2026-10-20 -q", 73),
        ("avicenna.db.signal", "token --revoke x", 0),
    ]

    @Test("are replaced or refused, never written through", arguments: files)
    func staysAsItIs(planted: String, command: String, status: Int) async throws {
        let run = try await CommandRun.shell(
            """
            avicenna import in >/dev/null; avicenna run nightly --as-of 2026-10-20 -q --only effectiveness,trends,cohorts,scores
            mkdir -p out made; rm -f '\(planted)'; ln -s "$PWD/victim" '\(planted)'
            avicenna \(command) >/dev/null; echo $?
            cat victim; echo; find . -name '*.part'
            """, in: folder)
        #expect(run.output == "\(status)\nprecious\n", "\(run.output)\(run.errors)")
    }

    @Test("at the temporary names of older versions are not followed either")
    func formerTemporaryNames() async throws {
        // The shell becomes the command, so that its process number is known.
        let run = try await CommandRun.shell(
            """
            avicenna import in >/dev/null; avicenna run nightly --as-of 2026-10-20 -q --only effectiveness,trends,cohorts,scores
            mkdir out; (ln -s "$PWD/victim" "out/.effectiveness-2026-10-20.csv.$BASHPID"
                exec "$BINARY" report effectiveness --output out --formats csv); echo $?
            cat victim; echo; ls out
            """, in: folder)
        #expect(run.output.hasSuffix("0\nprecious\neffectiveness-2026-10-20.csv\n"), "\(run.output)\(run.errors)")
    }
}
