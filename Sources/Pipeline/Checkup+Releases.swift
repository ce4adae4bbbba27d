import Configuration
import Domain
import Foundation
import Statistics
import Store

extension Checkup {
    /// The ledger of released figures, the settings of releases, and how wide the intervals are.
    func releaseFindings(_ database: any ClinicStore) throws -> [Finding] {
        var findings: [Finding] = []
        if let names = settings.releases.names {
            do {
                _ = try PublicNames(contentsOf: names)
            } catch {
                findings.append(Finding(subject: "public names", state: .bad, text: "\(error)"))
            }
        }
        let ledger = ReleaseLedger(of: settings.releases, beside: database)
        let noted = try database.notedReleases()
        let content: LedgerContent?
        do {
            content = try ledger.read()
        } catch let error as MissingFile {
            // Another user may read the database, and not the ledger.
            return findings + [Finding(subject: "releases", state: .doubtful, text: "\(error)")]
        } catch {
            return findings + [Finding(subject: "releases", state: .bad, text: "\(error)")]
        }
        findings += state(of: ledger, content, noted)
        findings += rights(of: ledger)
        if let setup = content?.setup ?? noted.setup { findings += changedSettings(since: setup) }
        findings.append(try width(content?.releases(noted: noted), in: database))
        return findings
    }

    private func finding(_ state: State, _ text: String, _ advice: String = "") -> Finding {
        Finding(subject: "releases", state: state, text: text, advice: advice)
    }

    // MARK: The ledger

    private func state(of ledger: ReleaseLedger, _ content: LedgerContent?, _ noted: NotedReleases) -> [Finding] {
        let all = ReleaseStatus.all(in: content, noted: noted)
        let missing = all.filter { $0.state == .missing }.map(\.month)
        let different = all.filter { $0.state == .differs }.map(\.month)
        var findings: [Finding] = []
        if let first = missing.first, let last = missing.last {
            findings.append(
                finding(
                    .bad,
                    "\(ledger.path): \(content == nil ? "the ledger is missing" : "the ledger is older than the database"); "
                        + "\(missing.count.counted("month")) from \(first) to \(last) are withheld",
                    "put the ledger back, or add a copy of it with 'avicenna releases import FILE'"))
        }
        if let first = different.first {
            findings.append(
                finding(
                    .bad,
                    "\(ledger.path): has other figures of \(different.count.counted("month")), such as \(first), than the "
                        + "database noted; they are withheld", "put back the ledger that belongs to this database"))
        }
        if !findings.isEmpty { return findings }
        guard let content else {
            return [finding(.good, "not set up yet; the next run of all stages begins \(ledger.path)")]
        }
        let last = content.months.map(\.released.month).max()
        return [
            finding(
                .good, "\(ledger.path): " + (last.map { "released until \($0)" } ?? "nothing was released yet"))
        ]
    }

    private func rights(of ledger: ReleaseLedger) -> [Finding] {
        var findings: [Finding] = []
        if let mode = ledger.mode, mode & 0o177 != 0 {
            findings.append(
                finding(
                    .doubtful, "\(ledger.path) has wider permissions than it should (\(String(mode, radix: 8)))",
                    "chmod 600 \(ledger.path)"))
        }
        if let problem = ledger.writeProblem {
            findings.append(finding(.doubtful, "\(ledger.path): cannot be written: \(problem.reason)", problem.advice))
        }
        return findings
    }

    private func changedSettings(since setup: ReleaseSetup) -> [Finding] {
        var findings: [Finding] = []
        if let wanted = settings.releases.firstMonth, wanted != setup.firstMonth {
            findings.append(
                finding(
                    .doubtful,
                    "'public_from' is \(wanted), and does not count: releases were set up from \(setup.firstMonth) on",
                    "set it to \(setup.firstMonth), or remove it"))
        }
        if settings.timezone != setup.timezone {
            findings.append(
                finding(
                    .doubtful,
                    "'timezone' is \(settings.timezone), and months are released in \(setup.timezone), in which releases were set up",
                    "nothing, if the clinic moved; else set it back"))
        }
        return findings
    }

    // MARK: How wide intervals are

    private func width(_ releases: Releases?, in database: any ClinicStore) throws -> Finding {
        let size = try releases.flatMap(ClinicSize.init) ?? ClinicSize(of: database, now: now, settings: settings)
        let longest = max(releases?.months.count ?? 0, 1)
        var parts = ["overall \(size.overall.grouped) patients a month: \(widths(size.overall, longest: longest))"]
        if let treatment = size.medianTreatment {
            parts.append(
                "median public treatment \(treatment.grouped): \(widths(treatment, longest: longest))")
        } else {
            parts.append(
                "no treatment reaches the \(settings.releases.epsilon.entryThreshold) patients of a month with which it becomes public"
            )
        }
        return Finding(subject: "public figures", state: .good, text: parts.joined(separator: "; "))
    }

    private func widths(_ patients: Int, longest: Int) -> String {
        let widths = [1, 3, longest].map { months in
            expectedHalfWidth(
                patients: patients, months: min(months, longest), epsilon: settings.releases.epsilon,
                successRating: settings.successRating, minimum: settings.releases.minimum)
        }
        guard widths.contains(where: { $0 != nil }) else { return "nothing can be shown at that size" }
        let shown = widths.map { $0.map { "±\(Int(($0 * 100).rounded(.up)))" } ?? "not shown" }
        return "last month \(shown[0]), last three \(shown[1]), all \(longest) \(shown[2]) points"
    }
}

/// How many patients a month there are.
private struct ClinicSize {
    let overall: Int
    /// Of the treatment in the middle of those that are public; `nil` where none is.
    let medianTreatment: Int?

    /// By the released cells, whose noise evens out; `nil` where nothing is released.
    init?(_ releases: Releases) {
        guard !releases.months.isEmpty else { return nil }
        func monthly(_ subject: ReleasedSubject) -> Int? {
            let cells = releases.cells(of: subject, in: .all)
            return cells.isEmpty ? nil : max(0, cells.reduce(0) { $0 + $1.counts.total }) / cells.count
        }
        overall = monthly(.overall) ?? 0
        medianTreatment = releases.subjects.filter { $0.level == .treatment }.compactMap(monthly).median
    }

    /// By the records of the last month that ended.
    init(of database: any ClinicStore, now: Instant, settings: Settings) throws {
        let month = CalendarMonth(of: settings.timezone.day(of: now)) - 1
        var patients: Set<PatientID> = []
        var ofTreatment: [Subject: Set<PatientID>] = [:]
        try database.readPublished { results in
            try results.forEachCase(from: month.firstDay, upTo: month.lastDay, in: settings.timezone, notes: false) {
                patients.insert($0.patient)
                ofTreatment[.treatment(herb: $0.herb, condition: $0.condition), default: []].insert($0.patient)
            }
        }
        overall = patients.count
        medianTreatment =
            ofTreatment.values.map(\.count).filter { $0 >= settings.releases.epsilon.entryThreshold }.median
    }
}

extension [Int] {
    /// The element in the middle, the lower of two; `nil` where there is none.
    fileprivate var median: Int? { isEmpty ? nil : sorted()[(count - 1) / 2] }
}
