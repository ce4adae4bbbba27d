import Testing
import TestSupport

/// Definitions, settings and mappings that no reader may be made to expand, through the binary.
@Suite(.endToEnd, .timeLimit(.minutes(30)))
struct DefinitionFilesTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Lists of lists as keys, each twice the one before: 2²⁴ values to hash.
    private static let expanding =
        "? &a0 [x, x]\n: 1\n" + (1...24).map { "? &a\($0) [*a\($0 - 1), *a\($0 - 1)]\n: 1\n" }.joined()

    @Test(arguments: [
        ("settings", "avicenna jobs --config f.yaml"), ("job", "avicenna run f --jobs ."),
        ("report", "avicenna report f --reports ."), ("list of reports", "avicenna report --list --reports ."),
        ("mapping", "avicenna import reviews.csv --mapping f.yaml"),
    ])
    func anExpandingFileIsRefusedAtOnce(kind: String, command: String) async throws {
        try folder.write(Self.expanding, to: "f.yaml")
        try folder.write("a,b\n1,2\n", to: "reviews.csv")
        let run = try await CommandRun.shell(
            "avicenna init >/dev/null; timeout 20 \"$BINARY\" \(command.dropFirst(9))", in: folder)
        #expect(run.status == 78, "\(kind): \(run.errors)")
        #expect(run.errors.contains("f.yaml:1: has the anchor '&a0'; anchors and aliases"), "\(run.errors)")
        #expect(run.errors.split(separator: "\n").count == 1)
    }

    @Test(arguments: [
        ("printf '\\377\\376a'", 78, "is not UTF-8 text; save it as UTF-8"),
        ("head -c 2000000 /dev/zero | tr '\\0' '#'", 78, "is larger than 1 MiB"),
        ("printf 'title: x\\n---\\ntitle: y\\n'", 78, ":2: begins a second document"),
        ("head -c 900000 /dev/zero | tr '\\0' '['", 78, ":1: is nested more than 16 levels deep"),
    ])
    func otherFilesAreRefusedOnOneLine(content: String, status: Int32, reason: String) async throws {
        let run = try await CommandRun.shell(
            "\(content) > f.yaml; timeout 20 \"$BINARY\" jobs --config f.yaml", in: folder)
        #expect(run.status == status)
        #expect(run.errors.contains(reason) && run.errors.split(separator: "\n").count == 1, "\(run.errors)")
    }
}
