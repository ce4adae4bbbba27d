import Domain
import Foundation
import Pipeline
import Store
import TestSupport
import Testing

@testable import Web

/// From all that anybody is told in months of feedback, edits and withdrawals, no group of 1 to 10 patients can be pinned
/// down.
struct PublicGateTests {
    private static let fewest = 11
    private static let first = day("2026-09-01")
    private static let herbs = ["saffron", "mint", "fennel"]
    private static let conditions = ["insomnia", "bloating"]

    /// A clinic in which feedback comes in day by day.
    private struct Month {
        let folder: TemporaryFolder
        let database: any Database
        let job: JobDefinition
        /// Whose each recommendation is, and what it is.
        var recommendations: [(patient: Int, treatment: String)] = []
        var feedback = 0
        var random: TestRandom

        init(_ seed: Int) throws {
            random = TestRandom(seed)
            folder = try TemporaryFolder()
            database = try openDatabase(at: folder.path("clinic.db"), create: true)
            // Without a timeout: beside other tests a run may wait long for its turn.
            job = try JobDefinition(
                Definition(text: "stages: [effectiveness, trends, cohorts, scores]\nas_of: today", file: "job.yaml"),
                name: "feedback")
            var clinic = TestClinic()
            for patient in 0..<300 {
                let id = clinic.patient()
                for _ in 0..<Int.random(in: 1...2, using: &random) {
                    // Few take fennel, and fewer for bloating.
                    let herb = herbs[[0, 0, 0, 1, 1, 1, 1, 2].randomElement(using: &random) ?? 0]
                    let condition = conditions[[0, 0, 1].randomElement(using: &random) ?? 0]
                    clinic.recommendation(herb, for: condition, to: id, on: first - 1)
                    recommendations.append((patient, "\(herb)|\(condition)"))
                }
            }
            try clinic.write(to: database)
        }

        /// A day's feedback, edits and withdrawals, one by one, and the run of its evening.
        mutating func live(_ today: Day, changesMind: Bool = true) async throws {
            for _ in 0..<Int.random(in: 10...45, using: &random) {
                let change: RecordChange =
                    switch Int.random(in: 0..<12, using: &random) {
                    case 0 where feedback > 0 && changesMind: .withdraw(known())
                    case 1 where feedback > 0 && changesMind: .edit(known(), judgement())
                    default:
                        .submit([
                            FeedbackDraft(
                                recommendation: .init(
                                    rawValue: .random(in: 1...Int64(recommendations.count), using: &random)),
                                judgement: judgement())
                        ])
                    }
                try write(change, on: today)
            }
            try await run(today)
        }

        private mutating func known() -> FeedbackID {
            FeedbackID(rawValue: .random(in: 1...Int64(feedback), using: &random))
        }

        private mutating func judgement() -> Judgement {
            let rating = [1, 2, 3, 4, 4, 5, 5, 5].randomElement(using: &random).flatMap { Rating($0) }
            return Judgement(
                rating: rating ?? .defaultSuccess, improvement: nil, compliance: nil, sideEffects: [], comment: nil)
        }

        mutating func write(_ change: RecordChange, on today: Day) throws {
            let order = WriteOrder(
                requester: Requester(subject: "a", role: .admin, patient: nil), request: "r", idempotency: nil,
                change: change
            ) { _ in WriteAnswer(status: 201, body: "") }
            _ = try database.write(
                [order],
                rules: WriteRules(
                    editTime: 90 * 86_400, feedbackTrigger: 5, feedbackPerDay: 1000, timezone: .utc,
                    successRating: Rating(4)!),
                at: Instant(seconds: Int64(today.daysSinceEpoch) * 86_400 + 43_200))
            if case .submit(let drafts) = change { feedback += drafts.count }
        }

        func run(_ today: Day, force: Bool = false) async throws {
            _ = try await JobRunner(database: database, settings: Settings(), softwareVersion: "0") {
                Instant(seconds: Int64(today.daysSinceEpoch) * 86_400 + 80_000)
            }.run(job, asOf: today, trigger: .manual, force: force)
        }

        /// The blocks after some, with what they are of.
        func blocks(after known: Int) throws -> [(treatment: String, block: PublicBlock)] {
            try database.readPublished { results in
                let names = try results.names()
                return try results.publicBlocks().dropFirst(known).map {
                    ($0.treatment.text(at: .treatment, herbs: names.herbs, conditions: names.conditions), $0)
                }
            }
        }

        /// Everything that anybody is told: samples and successes by subject and window.
        func told() throws -> [String: [String: Count]] {
            let desk = FigureDesk()
            return try database.readClinic { records, results in
                var questions: [FigureQuestion] = [.overall]
                for name in herbs { questions.append(.named(.herb, try records.term(name, .herb))) }
                for name in conditions {
                    questions.append(.named(.condition, try records.term(name, .condition)))
                }
                var told: [String: [String: Count]] = [:]
                for question in questions {
                    let answer = try PublicAnswer.figures(question, desk.released(results)).answer
                    let body = try JSONDocument(Array(answer.body.utf8), limits: JSONLimits(bytes: 1 << 20)).value
                    for subject in [body["figures"] ?? .null] + (body["treatments"]?.entries ?? []) {
                        guard let level = subject["level"]?.string, let name = subject["subject"]?.string else {
                            continue
                        }
                        for window in ["30", "90", "all"] {
                            told["\(level) \(name)", default: [:]][window] = Count(subject["windows"]?[window] ?? .null)
                        }
                    }
                }
                return told
            }
        }
    }

    private struct Count: Equatable {
        var samples = 0
        var successes = 0

        init() {}
        init(_ json: JSON) {
            samples = Int(json["samples"]?.wholeNumber ?? 0)
            successes = Int(json["successes"]?.wholeNumber ?? 0)
        }

        init(_ tally: Tally) {
            samples = Int(tally.samples)
            successes = Int(tally.successes)
        }

        static func - (left: Self, right: Self) -> Self {
            var difference = Self()
            difference.samples = left.samples - right.samples
            difference.successes = left.successes - right.successes
            return difference
        }

        /// Whether it would tell of few.
        var isTelling: Bool {
            [samples, successes, samples - successes].contains { (1..<PublicGateTests.fewest).contains(abs($0)) }
        }
    }

    @Test(arguments: 1...3) func nobodyIsPinnedDown(seed: Int) async throws {
        var month = try Month(seed)
        var seen: [String: [Count]] = [:]
        var corrected: Set<String> = []
        var included: Set<FeedbackID> = []
        var blocks = 0
        var releases: Set<String> = []
        for offset in 0..<30 {
            let today = Self.first + 7 * offset
            try await month.live(today)
            let told = try month.told()
            let new = try month.blocks(after: blocks)
            blocks += new.count
            if !new.isEmpty {
                #expect(releases.insert("\(today)".prefix(7).description).inserted, "twice in the month of \(today)")
            }
            for (treatment, block) in new where block.days == nil {
                #expect(!Count(block.tally).isTelling, "seed \(seed), \(today), \(treatment): \(block.tally)")
                corrected.insert("treatment \(treatment)")
                seen["treatment \(treatment)"] = []
            }
            for (subject, windows) in told where subject.hasPrefix("treatment") {
                let all = windows["all", default: Count()]
                let recent = windows["30", default: Count()]
                let known = seen[subject, default: [Count()]]
                seen[subject] = known + [all]
                // What changed since another day can be told by subtracting, and so can what stands outside the windows. Where changes
                // were made good for meanwhile, that is of who came and who went, of whom each are enough.
                var counts = [all, recent] + known.map { all - $0 }
                // The last 30 days have none of the cases of an earlier month, so that these two have nothing in common to subtract.
                if !corrected.contains(subject) { counts.append(all - recent) }
                for count in counts { #expect(!count.isTelling, "seed \(seed), \(today), \(subject): \(count)") }
            }
            expectWiderSubjectsTellNothingMore(told)
            try expectEnough(in: new.map(\.block), month, &included, on: today)
        }
        // The gate lets something through, or it would tell nothing of itself.
        #expect(blocks >= 5)
        #expect(releases.count >= 3)
        #expect(seen.count >= 2)
        #expect(!included.isEmpty)
    }

    /// A herb is the sum of its treatments as they are told, and so on: what is left of one without the others is nothing.
    private func expectWiderSubjectsTellNothingMore(_ told: [String: [String: Count]]) {
        for window in ["30", "90", "all"] {
            func sum(_ isPart: (Substring) -> Bool) -> Count {
                told.filter { $0.key.hasPrefix("treatment") && isPart($0.key.dropFirst("treatment ".count)) }.reduce(
                    into: Count()
                ) { sum, entry in
                    let part = entry.value[window, default: Count()]
                    sum.samples += part.samples
                    sum.successes += part.successes
                }
            }
            for herb in Self.herbs {
                #expect(told["herb \(herb)"]?[window] ?? Count() == sum { $0.hasPrefix(herb + "|") })
            }
            for condition in Self.conditions {
                #expect(told["condition \(condition)"]?[window] ?? Count() == sum { $0.hasSuffix("|" + condition) })
            }
            #expect(told["overall all"]?[window] ?? Count() == sum { _ in true })
        }
    }

    /// The cases that new blocks took up are of enough patients, in successes as well as in failures.
    private func expectEnough(
        in blocks: [PublicBlock], _ month: Month, _ included: inout Set<FeedbackID>, on today: Day
    ) throws {
        let clinic = try month.database.clinic(asOf: today, in: .utc)
        for block in blocks {
            guard let days = block.days else { continue }  // what makes good for changes is looked at apart
            var taken: [(feedback: FeedbackID, patient: Int32, isSuccess: Bool)] = []
            for position in 0..<clinic.cases.count {
                let recommendation = Int(clinic.cases.recommendation[position])
                let diagnosis = Int(clinic.recommendations.diagnosis[recommendation])
                let treatment = Subject.treatment(
                    herb: clinic.herbs.terms[Int(clinic.recommendations.herb[recommendation])],
                    condition: clinic.conditions.terms[Int(clinic.diagnoses.condition[diagnosis])])
                guard treatment == block.treatment, clinic.cases.day[position] <= days.upperBound,
                    !included.contains(clinic.cases.ids[position])
                else { continue }
                taken.append(
                    (
                        clinic.cases.ids[position], clinic.diagnoses.patient[diagnosis],
                        clinic.cases.rating[position] >= 4
                    ))
            }
            #expect(taken.count == block.tally.samples)
            #expect(taken.count { $0.isSuccess } == block.tally.successes)
            #expect(Set(taken.map(\.patient)).count >= Self.fewest)
            for part in [true, false] {
                let patients = Set(taken.filter { $0.isSuccess == part }.map(\.patient)).count
                #expect(patients == 0 || patients >= Self.fewest)
            }
            included.formUnion(taken.map(\.feedback))
        }
    }

    @Test func changesOfEnoughAreMadeGoodFor() async throws {
        var month = try Month(9)
        for offset in 0..<20 { try await month.live(Self.first + offset, changesMind: false) }
        // Each change shows with the next month's figures.
        try await month.run(day("2026-10-08"))
        let before = try month.told()["overall all"]?["all"] ?? Count()
        #expect(before.successes < before.samples)
        // Everybody finds on second thought that it did not work at all.
        for feedback in 1...month.feedback {
            let judgement = Judgement(
                rating: Rating(1) ?? .defaultSuccess, improvement: nil, compliance: nil, sideEffects: [], comment: nil)
            try month.write(.edit(FeedbackID(rawValue: Int64(feedback)), judgement), on: day("2026-10-09"))
        }
        try await month.run(day("2026-10-10"))
        #expect(try month.told()["overall all"]?["all"] == before)
        try await month.run(day("2026-11-08"))
        let after = try month.told()["overall all"]?["all"] ?? Count()
        #expect(after.samples >= before.samples)
        #expect(after.successes == 0, "\(before) became \(after)")

        for feedback in 1...month.feedback {
            try month.write(.withdraw(FeedbackID(rawValue: Int64(feedback))), on: day("2026-11-09"))
        }
        try await month.run(day("2026-12-08"), force: true)
        #expect(try month.told()["overall all"]?["all"] ?? Count() == Count())
    }
}
