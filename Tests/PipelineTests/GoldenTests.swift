import Configuration
import Domain
import Foundation
import Reports
import Store
import StoreSQLite
import Testing
import TestSupport

@testable import Pipeline

/// The whole pipeline against results that were computed independently of it.
@Suite(.timeLimit(.minutes(30))) struct GoldenTests {
    private static let asOf = day("2026-10-20")
    private static let tables: [(source: Source, key: [String])] = [
        (.effectiveness, ["level", "subject", "window"]), (.trends, ["level", "subject"]),
        (.cohorts, ["mizaj_type", "herb", "condition"]),
        (.predictions, ["diagnosis_id", "recommendation_id", "level"]),
    ]

    private let folder: TemporaryFolder
    private let set = Repository.golden.appending(path: "mixed-scripts")

    init() throws { folder = try TemporaryFolder() }

    /// Imports the files of a folder into a new database and runs all stages.
    private func run(_ input: URL, asOf: Day = asOf) async throws -> (database: any ClinicStore, summary: RunSummary) {
        let database = try openDatabase(at: folder.path("\(UUID().uuidString).db"), create: true)
        _ = try database.importRecords(
            ClinicFolder(input.path),
            options: ImportOptions(
                allowedRejects: 0, rejectsPath: folder.path("rejects.csv"), now: instant("2026-11-20T00:00:00Z"),
                timezone: .utc))
        return (database, try await compute(database, asOf: asOf))
    }

    private func compute(_ database: any ClinicStore, asOf: Day = asOf) async throws -> RunSummary {
        var settings = Settings()
        settings.timezone = try #require(ClinicTimeZone(identifier: "Asia/Tehran"))
        let job = try JobDefinition(
            Definition(text: "stages: [effectiveness, trends, cohorts, scores]", file: "golden.yaml"), name: "golden")
        return try await JobRunner(database: database, settings: settings, softwareVersion: "test") {
            Instant(seconds: 0)
        }.run(job, asOf: asOf, trigger: .manual)
    }

    private func results(_ database: any ClinicStore, _ source: Source) throws -> String {
        try database.readPublished { published in
            var text = ""
            var writer = CSVWriter(places: 9, lineEnd: .lf, guardsFormulas: false) { text += $0 }
            try writer.header(source.standardColumns)
            let input = try ReportInput(published, sources: [source])
            try source.forEachRow(of: input, columns: source.standardColumns) { try writer.record($0) }
            try writer.flush()
            return text
        }
    }

    /// A golden set as of one of its days.
    struct GoldenDay: CustomTestStringConvertible {
        let set: String
        let expected: String
        let asOf: String

        var testDescription: String { "\(set) as of \(asOf)" }
    }

    static let days = [
        GoldenDay(set: "mixed-scripts", expected: "expected", asOf: "2026-10-20"),
        GoldenDay(set: "two-years", expected: "expected-2026-10-31", asOf: "2026-10-31"),
        GoldenDay(set: "two-years", expected: "expected-2026-09-01", asOf: "2026-09-01"),
    ]

    @Test("agrees in every row and column", arguments: days)
    func agreesInEveryRowAndColumn(golden: GoldenDay) async throws {
        let set = Repository.golden.appending(path: golden.set)
        let database = try await run(set.appending(path: "input"), asOf: day(golden.asOf)).database
        for (source, key) in Self.tables {
            let expected = try SimpleCSV(
                try String(
                    contentsOf: set.appending(path: "\(golden.expected)/\(source.rawValue).csv"), encoding: .utf8),
                key: key)
            let computed = try SimpleCSV(try results(database, source), key: key)
            #expect(computed.columns == expected.columns)
            #expect(Set(computed.rows.keys) == Set(expected.rows.keys))
            var differences: [String] = []
            for (key, row) in expected.rows {
                for (column, value) in zip(expected.columns, row) {
                    let other = computed.rows[key]?[expected.columns.firstIndex(of: column) ?? 0] ?? "nothing"
                    if !agree(value, other) { differences.append("\(source) \(key) \(column): \(value) and \(other)") }
                }
            }
            #expect(differences.isEmpty, "\(differences.count): \(differences.prefix(5))")
        }
    }

    @Test func meanRatingsOfHerbsHaveTheirIntervals() async throws {
        let database = try await run(set.appending(path: "input")).database
        let expected = SimpleCSV.records(
            try String(contentsOf: set.appending(path: "expected/mean-ratings.csv"), encoding: .utf8)
        ).dropFirst()
        let filter = Filter(accepted: ["level": ["herb"], "window": ["all"]])
        let computed = try database.readPublished { published in
            var rows: [String: [Double]] = [:]
            let input = try ReportInput(published, sources: [.feedback])
            let columns = ["subject", "samples", "mean_rating", "rating_interval"]
            try Source.feedback.forEachRow(of: input, columns: columns, where: filter) { row in
                guard case .text(let herb) = row[0], case .integer(let samples) = row[1],
                    case .decimal(let mean) = row[2], case .interval(let ends) = row[3]
                else { return }
                rows[herb] = [Double(samples), mean, ends.lowerBound, ends.upperBound]
            }
            return rows
        }
        #expect(Set(computed.keys) == Set(expected.map { $0[0] }))
        for row in expected {
            for (text, number) in zip(row.dropFirst(), computed[row[0]] ?? []) {
                #expect(agree(text, "\(number)"), "\(row): \(number)")
            }
        }
    }

    /// Numbers agree when they differ by at most 1e-6.
    private func agree(_ left: String, _ right: String) -> Bool {
        if left == right { return true }
        guard let left = Double(left), let right = Double(right) else { return false }
        return abs(left - right) <= 1e-6
    }

    @Test func anotherOrderOfTheInputGivesTheSameResults() async throws {
        let first = try await run(set.appending(path: "input"))
        var random = TestRandom(5)
        try transformInput(to: "shuffled") { _, rows in rows.shuffled(using: &random) }
        let second = try await run(folder.url.appending(path: "shuffled"))
        #expect(first.summary.computation?.digest == second.summary.computation?.digest)
        for (source, _) in Self.tables {
            #expect(try results(first.database, source) == results(second.database, source))
        }
    }

    @Test func nothingDatedAfterTheAsOfDayChangesAnything() async throws {
        let asOf = day("2026-08-15")
        let full = try await run(set.appending(path: "input"), asOf: asOf)
        let zone = try #require(ClinicTimeZone(identifier: "Asia/Tehran"))
        func isLater(_ row: Row) -> Bool { row.fields["created_at"].map { zone.day(of: instant($0)) > asOf } ?? false }
        func ids(_ column: String, of rows: [Row]) -> Set<String> { Set(rows.compactMap { $0.fields[column] }) }
        // Leave out all later feedback, and each later record that nothing of that day refers to.
        let feedback = try inputRows("feedback.csv").filter { !isLater($0) }
        let withCase = ids("recommendation_id", of: feedback)
        let recommendations = try inputRows("recommendations.csv").filter { row in
            !isLater(row) || withCase.contains(row.fields["recommendation_id"] ?? "")
        }
        let withRecommendation = ids("diagnosis_id", of: recommendations)
        try transformInput(to: "earlier") { file, rows in
            switch file {
            case "feedback.csv": feedback
            case "recommendations.csv": recommendations
            case "diagnoses.csv":
                rows.filter { !isLater($0) || withRecommendation.contains($0.fields["diagnosis_id"] ?? "") }
            default: rows
            }
        }
        let earlier = try await run(folder.url.appending(path: "earlier"), asOf: asOf)
        #expect(full.summary.computation?.rowsRead.cases == earlier.summary.computation?.rowsRead.cases)
        #expect(full.summary.computation?.digest == earlier.summary.computation?.digest)
        for (source, _) in Self.tables {
            #expect(try results(full.database, source) == results(earlier.database, source))
        }
    }

    @Test func aRerunAndAnImportOfTheSameFilesChangeNothing() async throws {
        let (database, summary) = try await run(set.appending(path: "input"))
        #expect(summary.computation?.publication.rows ?? 0 > 0)
        let again = try database.importRecords(
            ClinicFolder(set.appending(path: "input").path),
            options: ImportOptions(
                allowedRejects: 0, rejectsPath: folder.path("rejects.csv"), now: instant("2026-11-20T00:00:00Z"),
                timezone: .utc))
        #expect(again.files.allSatisfy { $0.inserted == 0 && $0.updated == 0 })
        let rerun = try await compute(database)
        #expect(rerun.computation?.publication.rows == 0)
        #expect(rerun.computation?.publication.deltas == 0)
        #expect(rerun.computation?.digest == summary.computation?.digest)
    }

    /// A day computed after later ones equals the day computed first.
    @Test func aPastDayCanBeRepeated() async throws {
        let (database, first) = try await run(set.appending(path: "input"), asOf: day("2026-06-01"))
        let before = try results(database, .effectiveness)
        _ = try await compute(database)
        let again = try await compute(database, asOf: day("2026-06-01"))
        #expect(again.computation?.digest == first.computation?.digest)
        #expect(try results(database, .effectiveness) == before)
        #expect(again.computation?.replacedDay == Self.asOf)
    }

    private struct Row {
        let line: String
        let fields: [String: String]
    }

    private func inputRows(_ file: String) throws -> [Row] {
        let text = try String(contentsOf: set.appending(path: "input/\(file)"), encoding: .utf8)
        let records = SimpleCSV.records(text)
        return records.dropFirst().map { record in
            Row(line: SimpleCSV.line(record), fields: Dictionary(uniqueKeysWithValues: zip(records[0], record)))
        }
    }

    /// Writes the input files with their rows transformed.
    private func transformInput(to name: String, _ transform: (String, [Row]) throws -> [Row]) throws {
        for file in ["patients.csv", "diagnoses.csv", "recommendations.csv", "feedback.csv"] {
            let header = try String(contentsOf: set.appending(path: "input/\(file)"), encoding: .utf8)
                .prefix { !$0.isNewline }
            let lines = try transform(file, inputRows(file)).map(\.line)
            try folder.write(([String(header)] + lines).joined(separator: "\n") + "\n", to: "\(name)/\(file)")
        }
    }
}
