import Testing
import TestSupport

/// What the binary publishes, against a program in another language that was written from the definitions alone.
@Suite(.endToEnd, .timeLimit(.minutes(30))) struct DefinitionsTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: [(1, 10), (11, 20)]) func randomClinicsAreWhatTheDefinitionsSay(first: Int, last: Int) async throws
    {
        let run = try await CommandRun.shell(
            "/usr/bin/python3 \"$SCRIPTS/definitions.py\" \"$BINARY\" \(first) \(last)", in: folder)
        #expect(run.status == 0 && run.output.hasSuffix(" rows agree\n"), "\(run.output)\(run.errors)")
    }
}
