import Analytics
import Configuration
import Domain
import Foundation
import Store
import StoreSQLite
import TestSupport

@testable import Reports

/// A clinic whose results of all stages are published, and reports of it.
struct PublishedClinic {
    let folder: TemporaryFolder
    let database: any ClinicStore
    let asOf: Day
    let run: RunID

    init(_ clinic: TestClinic, asOf: Day, settings: RunSettings = RunSettings()) async throws {
        folder = try TemporaryFolder()
        database = try openDatabase(at: folder.path("clinic.db"), create: true)
        self.asOf = asOf
        try clinic.write(to: database)

        let columns = try database.clinic(asOf: asOf, in: settings.timezone)
        var results = Results(asOf: asOf, herbs: columns.herbs.termNames, conditions: columns.conditions.termNames)
        let effectiveness = effectiveness(of: LinkedClinic(columns), successRating: settings.successRating)
        results.effectiveness = effectiveness
        results.trends = effectiveness.tallies.mapValues { trends(of: $0) }
        results.cohorts = cohorts(of: LinkedClinic(columns), tallies: effectiveness.tallies[.cohort] ?? Keyed())
        results.scores = await scores(
            of: LinkedClinic(columns), tallies: effectiveness.tallies, successRating: settings.successRating
        ).scores
        run = try database.beginRun(
            RunStart(
                job: "test", asOf: asOf, trigger: .manual, startedAt: Instant(seconds: 0), softwareVersion: "",
                modelVersion: "", settings: settings))
        _ = try database.publish(results, of: columns, run: run, at: Instant(seconds: 60))
        try database.noteDigest("0123456789abcdef", of: run)
    }

    /// A random clinic with side effects and comments.
    static func random(_ seed: Int, asOf: Day, feedback: Int = 600) async throws -> PublishedClinic {
        var clinic = TestClinic.random(seed, patients: 30, recommendations: 90, feedback: feedback, until: asOf)
        var random = TestRandom(seed + 1)
        for position in clinic.feedback.indices {
            let effects = ["nausea", "Nausea ", "headache", "sleep\u{200C}iness"].filter { _ in
                Int.random(in: 0..<6, using: &random) == 0
            }
            clinic.feedback[position].sideEffects = effects
            clinic.feedback[position].comment = Int.random(in: 0..<4, using: &random) == 0 ? "c \(position)" : nil
        }
        return try await PublishedClinic(clinic, asOf: asOf)
    }

    /// Makes a report of a definition and hands it to `body`.
    func report<Value>(
        _ yaml: String, language: Language = .english, minimumSamples: Int = 1, set parameters: [String: String] = [:],
        _ body: (Report) throws -> Value
    ) throws -> Value {
        let definition = try ReportDefinition(
            Definition(text: yaml, file: "r.yaml"), name: "r", parameters: parameters)
        return try database.readPublished {
            try body(Report(definition, from: $0, language: language, minimumSamples: minimumSamples))
        }
    }

    /// The rows of the first section.
    func rows(_ yaml: String, language: Language = .english, minimumSamples: Int = 1) throws -> [[Cell]] {
        try report(yaml, language: language, minimumSamples: minimumSamples) { $0.sections[0].shownRows }
    }
}

extension ReportSection {
    /// The rows that pages show, with the cells of its columns alone.
    var shownRows: [[Cell]] {
        var rows: [[Cell]] = []
        forEachShownRow { rows.append(Array($0.prefix(columns.count))) }
        return rows
    }

    /// All rows, with the cells of its columns alone.
    var allRows: [[Cell]] {
        var rows: [[Cell]] = []
        forEachRow { rows.append(Array($0.prefix(columns.count))) }
        return rows
    }
}
