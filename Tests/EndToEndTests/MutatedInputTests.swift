import Foundation
import Testing
import TestSupport

/// Whatever somebody feeds it, a command succeeds or ends with one clear line: no crash, no hang, no invented record, no
/// half-written file.
///
/// `make test-long` tries 2,000 inputs, the ordinary tests the first 120 of them.
@Suite(.endToEnd, .timeLimit(.minutes(40)))
struct MutatedInputTests {
    private static let seeds = LongTests.areEnabled ? 0..<2_000 : 0..<120

    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Exit codes that are no bug: what sysexits has, without 70.
    private static let accepted: Set<Int32> = [0, 64, 65, 66, 69, 73, 75, 77, 78]

    @Test("an input with random changes is read or refused on one line")
    func mutatedInputs() async throws {
        try await prepare()
        for seed in Self.seeds {
            var random = TestRandom(seed + 7)
            let kind = ["import", "mapping", "job", "report", "settings", "database"][seed % 6]
            let run: CommandRun
            switch kind {
            case "import": run = try await importMutated(&random, seed)
            case "mapping": run = try await importMapped(&random)
            case "database": run = try await readDatabase(&random)
            default: run = try await readDefinition(kind, &random)
            }
            let lines = run.errors.split(separator: "\n").filter { !$0.contains("rejected ") && !$0.contains("notice") }
            #expect(Self.accepted.contains(run.status), "seed \(seed), \(kind): \(run.status) \(run.errors)")
            #expect(run.status == 0 || (1...3).contains(lines.count), "seed \(seed), \(kind): \(run.errors)")
            #expect(!run.errors.contains("Fatal error"), "seed \(seed), \(kind): \(run.errors)")
            let left = try FileManager.default.subpathsOfDirectory(atPath: folder.path("work")).filter { path in
                (path as NSString).lastPathComponent.hasPrefix(".") || path.hasSuffix("-journal")
            }
            #expect(left.isEmpty, "seed \(seed), \(kind): \(left)")
        }
    }

    private static let flat = """
        Id,Condition,Drug,Rating,Date,Age,Sex
        P-1,بی‌خوابی,زعفران,5,2026-01-01,34,Female
        P-2,cold,"saffron, dried",4.0,2026-01-02,25-34,Male
        P-3,cold,"two
        lines",۳,2026-01-03,>75,

        """

    private static let mapping = """
        source: elsewhere
        ids: {text: true, first: 1000}
        blank: [NA, "-"]
        fields:
          patient_id: {column: Id}
          mizaj_type: {value: motadel}
          condition: {column: Condition}
          herb: {column: Drug}
          rating: {column: Rating, scale: [1, 5]}
          created_at: {column: Date, formats: [yyyy-MM-dd, d/M/yyyy]}
          age: {column: Age}
          sex: {column: Sex, values: {Female: female, Male: male}}

        """

    private static let settings =
        "timezone: Asia/Tehran\nsuccess_rating: 4\nminimum_samples: 5\nlanguage: fa\nport: 8080\n"

    /// A clinic whose results are published, of which each try gets a copy.
    private func prepare() async throws {
        try folder.addClinic()
        let run = try await CommandRun.script("cut_clinic.sh", in: folder)
        #expect(run.status == 0, "\(run.errors)")
    }

    private func begin() async throws {
        _ = try await CommandRun.shell("rm -rf work; mkdir work", in: folder)
    }

    private func original(_ name: String) throws -> Data { try Data(contentsOf: URL(filePath: folder.path(name))) }

    // MARK: Kinds of input

    private func importMutated(_ random: inout TestRandom, _ seed: Int) async throws -> CommandRun {
        try await begin()
        var all = Data()
        for file in ["patients", "diagnoses", "recommendations", "feedback"] {
            var bytes = try original("in/\(file).csv")
            Self.mutate(&bytes, &random, at: Int.random(in: 0...3, using: &random))
            all += bytes
            try folder.write(bytes, to: "work/in/\(file).csv")
        }
        let run = try await CommandRun.shell(
            "cd work; timeout 60 \"$BINARY\" import in --allow-rejects all --database new.db; status=$?; rm -f rejects.csv; exit $status",
            in: folder)
        guard run.status == 0 else { return run }
        let ids = try await CommandRun.shell("sqlite3 work/new.db 'SELECT feedback_id FROM feedback'", in: folder)
            .output
        let text = String(decoding: all, as: UTF8.self)
        for id in ids.split(separator: "\n") where !text.contains(id) {
            // UTF-16 by accident reads otherwise.
            #expect(!all.contains(0), "seed \(seed): feedback \(id) is in no file")
        }
        return run
    }

    private func importMapped(_ random: inout TestRandom) async throws -> CommandRun {
        try await begin()
        var (flat, mapping) = (Data(Self.flat.utf8), Data(Self.mapping.utf8))
        let isMapping = Bool.random(using: &random)
        Self.mutate(&flat, &random, at: isMapping ? 0 : 3)
        Self.mutate(&mapping, &random, at: isMapping ? 3 : 0)
        try folder.write(flat, to: "work/flat.csv")
        try folder.write(mapping, to: "work/map.yaml")
        return try await CommandRun.shell(
            """
            cd work; timeout 60 "$BINARY" import flat.csv --mapping map.yaml --allow-rejects all --database new.db
            status=$?; rm -f rejects.csv; exit $status
            """, in: folder)
    }

    private func readDefinition(_ kind: String, _ random: inout TestRandom) async throws -> CommandRun {
        try await begin()
        _ = try await CommandRun.shell("cp -r clinic.db jobs reports work", in: folder)
        var command = "jobs"
        switch kind {
        case "settings":
            var bytes = Data(Self.settings.utf8)
            Self.mutate(&bytes, &random, at: 3)
            try folder.write(bytes, to: "work/avicenna.yaml")
        case "job":
            let name = try #require(["nightly", "monthly-clinic", "feedback"].randomElement(using: &random))
            var bytes = try original("jobs/\(name).yaml")
            Self.mutate(&bytes, &random, at: 3)
            try folder.write(bytes, to: "work/jobs/\(name).yaml")
            command = "run \(name) --dry-run --as-of 2026-10-20"
        default:
            let name = try #require(["trending", "side-effects", "effectiveness"].randomElement(using: &random))
            var bytes = try original("reports/\(name).yaml")
            Self.mutate(&bytes, &random, at: 3)
            try folder.write(bytes, to: "work/reports/\(name).yaml")
            command = "report \(name) --formats csv,xlsx --output out"
        }
        let run = try await CommandRun.shell(
            "cd work; unset AVICENNA_JOBS AVICENNA_REPORTS; timeout 60 \"$BINARY\" \(command) --database clinic.db",
            in: folder)
        let check = try await CommandRun.shell(
            "cd work; for f in out/*.xlsx; do [ -e $f ] || continue; python3 -m zipfile -t $f > /dev/null; done",
            in: folder)
        #expect(check.status == 0, "\(check.output)")
        return run
    }

    private func readDatabase(_ random: inout TestRandom) async throws -> CommandRun {
        try await begin()
        var bytes = try original("clinic.db")
        for _ in 0..<Int.random(in: 1...20, using: &random) {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            bytes[place] = UInt8.random(in: 0...255, using: &random)
        }
        if Int.random(in: 0..<8, using: &random) == 0 {
            bytes = bytes.prefix(Int.random(in: 0..<bytes.count, using: &random))
        }
        try folder.write(bytes, to: "work/clinic.db")
        let commands = [
            "results effectiveness --format csv", "results predictions --format json", "runs", "audit verify", "doctor",
            "run nightly --only effectiveness,trends,cohorts,scores --as-of 2026-10-20 --quiet", "backup copy",
        ]
        let command = try #require(commands.randomElement(using: &random))
        // The doctor lists what is wrong, and ends with a code that says how bad it is.
        let end =
            command == "doctor" ? "; status=$?; [ $status -eq 70 ] || [ $status -gt 123 ] && exit $status; exit 0" : ""
        return try await CommandRun.shell(
            "cd work; timeout 60 \"$BINARY\" \(command) --database clinic.db > out\(end)", in: folder)
    }

    // MARK: Mutations

    private static let pieces = [
        "\"", ",", ";", "\n", "\r", "\r\n", "\0", "\t", "\u{FEFF}", "\u{200C}", "\u{200F}", "nan", "-1",
        "99999999999999999999", " ",
        ": ", "- ", "[", "]", "{", "}", "&a ", "*a", "<<: ", "|", "'", "#", "!!binary ", "1e309", "۱۲", "1404-07-15",
        "~", "---\n", "%YAML 9\n",
        "\u{1B}[2J", "\\", "=1+1", String(repeating: "[", count: 500), String(repeating: "x", count: 70_000),
    ]

    /// Changes some places of the bytes.
    static func mutate(_ bytes: inout Data, _ random: inout TestRandom, at places: Int) {
        for _ in 0..<places where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.removeSubrange(place..<min(place + Int.random(in: 1...40, using: &random), bytes.count))
            case 2:
                let end = min(place + Int.random(in: 1...200, using: &random), bytes.count)
                bytes.insert(contentsOf: Data(bytes[place..<end]), at: Int.random(in: 0...bytes.count, using: &random))
            case 3: bytes = bytes.prefix(max(1, place))
            default: bytes.insert(contentsOf: (pieces.randomElement(using: &random) ?? "").utf8, at: place)
            }
            bytes = Data(bytes)
        }
    }
}
