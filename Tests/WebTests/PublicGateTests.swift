import Domain
import Foundation
import Statistics
import Store
import StoreSQLite
import TestSupport
import Testing

@testable import Web

/// Known attacks on public figures, each end to end: what happens after a release is seen in no public answer.
@Suite(.timeLimit(.minutes(30))) struct PublicGateTests {
    /// A clinic whose September is released, what anybody sees of it, and the ledger.
    private func released(_ seed: Int = 1) async throws -> (PublicClinic, answers: [String], ledger: Data) {
        var clinic = try PublicClinic(seed)
        try await clinic.release()
        let answers = try clinic.answers()
        #expect(answers.count { $0.contains(#""patients":"#) } > 5)
        return (clinic, answers, try clinic.ledger)
    }

    @Test("edits of comments alone change no answer, whatever runs follow")
    func editedComments() async throws {
        let (clinic, answers, ledger) = try await released()
        for id in clinic.allFeedback.prefix(60) {
            try clinic.write(.edit(id, clinic.judgement(3, comment: "c")), day("2026-10-09"))
        }
        for today in ["2026-10-09", "2026-10-10", "2026-10-31", "2026-11-06"] {
            try await clinic.run(day(today))
            #expect(try clinic.answers() == answers)
        }
        #expect(try clinic.ledger == ledger)
    }

    @Test("withdrawals that leave one patient change no answer, then or ever, of the months before")
    func withdrawals() async throws {
        let (clinic, answers, ledger) = try await released()
        for id in clinic.allFeedback.dropFirst() { try clinic.write(.withdraw(id), day("2026-10-20")) }
        try await clinic.run(day("2026-10-21"))
        #expect(try clinic.answers() == answers)
        // With the next month, the last month is of nobody, and the months before are as they were.
        try await clinic.run(day("2026-11-08"))
        #expect(try clinic.ledger.starts(with: ledger))
        let later = try clinic.answers()
        #expect(later[0].contains(#""last_month":null"#))
        let before = try figures(of: answers).filter { $0.key.hasSuffix(" all") }
        let after = try figures(of: later).filter { $0.key.hasSuffix(" all") }
        #expect(before.keys == after.keys && !before.isEmpty)
        #expect(before.allSatisfy { abs($0.value - (after[$0.key] ?? 0)) <= 6 })
    }

    @Test("a raised minimum hides figures and changes none")
    func raisedMinimum() async throws {
        var (clinic, answers, _) = try await released()
        let shown = try figures(of: answers)
        for minimum in [12, 20, 50, 100, 10_000, 11] {
            clinic.settings.releases.minimum = minimum
            try await clinic.run(day("2026-10-12"))
            let now = try figures(of: clinic.answers())
            #expect(now == shown.filter { $0.value >= minimum })
        }
    }

    /// The patients of all figures that answers show, by question, subject and window.
    private func figures(of answers: [String]) throws -> [String: Int] {
        var found: [String: Int] = [:]
        // Lists show all subjects that are shown anywhere.
        for answer in answers {
            let body = try JSONDocument(Array(answer.utf8), limits: JSONLimits(bytes: 1 << 20)).value
            for subject in [body["figures"] ?? .null] + (body["subjects"]?.entries ?? []) {
                for window in subject["windows"]?.members ?? [] {
                    guard let patients = window.value["patients"]?.wholeNumber else { continue }
                    found["\(subject["level"]?.string ?? "") \(subject["subject"]?.string ?? "") \(window.name)"] = Int(
                        patients)
                }
            }
        }
        return found
    }

    @Test("another success rating shows other sums of the same five numbers, and nothing else")
    func successRating() async throws {
        var (clinic, _, ledger) = try await released()
        let cells = try #require(
            try ReleaseLedger(of: clinic.settings.releases, beside: clinic.database).read()
        ).months[0].released.cells
        for stars in 1...5 {
            clinic.settings.successRating = try #require(Rating(stars))
            try await clinic.run(day("2026-10-15"))
            for (subject, cell) in cells {
                let shown = try clinic.figures().subject(subject)?.figures[.all]
                let expected = ReleasedFigure(
                    of: [(cell, clinic.settings.releases.epsilon)], successRating: clinic.settings.successRating,
                    minimum: 11)
                #expect(shown == expected)
            }
        }
        #expect(try clinic.ledger == ledger)
    }

    @Test("a restored backup, and a database built anew from changed records, show the same")
    func restoreAndRebuild() async throws {
        var clinic = try PublicClinic(2)
        for offset in 0..<10 { try clinic.live(day("2026-09-01") + 3 * offset) }
        let backup = clinic.folder.url.appending(path: "backup.db")
        try clinic.database.backUp(to: backup, replace: false)
        try await clinic.run(day("2026-10-08"))
        let (answers, ledger) = (try clinic.answers(), try clinic.ledger)
        // Of the backup nobody knows that September was released; a feedback is withdrawn before it is run again.
        clinic.settings.releases.ledger = URL(filePath: clinic.database.location + ReleaseLedger.ending)
        let restored = clinic.folder.path("restored.db")
        try restoreDatabase(at: restored, from: backup, replace: false, at: instant("2026-10-09T00:00:00Z"))
        clinic.database = try openDatabase(at: restored)
        try clinic.write(.withdraw(FeedbackID(rawValue: 1)), day("2026-10-09"))
        try await clinic.run(day("2026-10-09"))
        #expect(try clinic.answers() == answers)
        #expect(try clinic.ledger == ledger)

        clinic.database = try openDatabase(at: clinic.folder.path("rebuilt.db"), create: true)
        var records = TestClinic()
        for _ in 0..<30 {
            let patient = records.patient()
            records.rate(
                records.recommendation("fennel", for: "bloating", to: patient, on: day("2026-08-31")), 1,
                on: day("2026-09-05"))
        }
        try records.write(to: clinic.database)
        try await clinic.run(day("2026-10-10"))
        #expect(try clinic.answers() == answers)
        #expect(try clinic.ledger == ledger)
    }

    @Test("windows move with releases alone: in 70 days of feedback and runs, answers change once a month")
    func movingWindows() async throws {
        var (clinic, answers, ledger) = try await released()
        var changes: [Day] = []
        for offset in 1...70 {
            let today = day("2026-10-08") + offset
            try clinic.live(today, feedback: 3)
            try await clinic.run(today)
            let now = try clinic.answers()
            if now != answers { changes.append(today) }
            answers = now
            #expect(try clinic.ledger.starts(with: ledger))
            ledger = try clinic.ledger
        }
        #expect(changes == [day("2026-11-07"), day("2026-12-07")])
    }

    @Test("runs of every hour, after each single feedback, edit and withdrawal, show nothing")
    func hourlyRuns() async throws {
        var (clinic, answers, ledger) = try await released()
        let today = day("2026-10-20")
        for number in 1...24 {
            switch number % 3 {
            case 0: try clinic.write(.withdraw(FeedbackID(rawValue: Int64(number))), today)
            case 1: try clinic.submit(on: RecommendationID(rawValue: Int64(number)), today)
            default: try clinic.write(.edit(FeedbackID(rawValue: Int64(number)), clinic.judgement(1)), today)
            }
            try await clinic.run(today, trigger: number % 2 == 0 ? .feedback : .schedule)
            #expect(try clinic.answers() == answers)
        }
        #expect(try clinic.ledger == ledger)
    }

    @Test("clinics that differ after the release alone are answered alike, byte for byte", arguments: 3...5)
    func neighbours(seed: Int) async throws {
        let (clinic, answers, _) = try await released(seed)
        var other = clinic
        try other.submit(on: RecommendationID(rawValue: 7), day("2026-10-09"))
        #expect(try other.answers() == answers)
        try await other.run(day("2026-10-10"))
        #expect(try other.answers() == answers)
    }

    @Test("the clinic's records, and what runs published, are not read for public answers")
    func readsNoRecords() async throws {
        let (clinic, answers, _) = try await released()
        // A database that knows nothing but what it noted of the releases.
        var empty = clinic
        empty.database = try openDatabase(at: clinic.folder.path("empty.db"), create: true)
        let ledger = ReleaseLedger(of: clinic.settings.releases, beside: clinic.database)
        let content = try #require(try ledger.read())
        try empty.database.noteReleases(content.setup, content.months, run: RunID(rawValue: 1))
        empty.settings.releases.ledger = URL(filePath: ledger.path)
        #expect(try empty.answers() == answers)
    }
}
