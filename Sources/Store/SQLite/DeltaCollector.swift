import Domain
import GRDB

/// Gathers the deltas of one publication and writes them by diagnosis, each diagnosis's effectiveness before its ranking.
struct DeltaCollector {
    private var collected: [(diagnosis: DiagnosisID, change: Delta.Change)] = []

    /// Adds what changed in the tallies of recommendations.
    ///
    /// - Parameter diagnosis: whose followers are told; nobody is where there is none any more.
    mutating func add(
        _ changes: PublishedTable<Subject, WindowTallies>.Changes, to rows: Keyed<Subject, WindowTallies>,
        diagnosis: (RecommendationID) -> DiagnosisID?
    ) {
        func tell(_ subject: Subject, old: WindowTallies?, new: WindowTallies?) {
            let (old, new) = (old.map(WindowCounts.init), new.map(WindowCounts.init))
            let recommendation = RecommendationID(rawValue: subject.rawValue)
            guard old != new, let diagnosis = diagnosis(recommendation) else { return }
            collected.append((diagnosis, .effectiveness(recommendation: recommendation, old: old, new: new)))
        }
        for new in changes.inserted { tell(rows.keys[new], old: nil, new: rows.values[new]) }
        for (old, new) in changes.replaced { tell(old.key, old: old.row, new: rows.values[new]) }
        for old in changes.removed { tell(old.key, old: old.row, new: nil) }
    }

    /// Adds the rankings that are news.
    mutating func add(_ announcements: Announcements, herb: (RecommendationID) -> TermID?) {
        var rankings: [DiagnosisID: [RankedRecommendation]] = [:]
        for (recommendation, row) in zip(announcements.rows.keys, announcements.rows.values)
        where announcements.diagnoses.contains(row.prediction.diagnosis) {
            guard let herb = herb(recommendation) else { continue }
            rankings[row.prediction.diagnosis, default: []].append(
                RankedRecommendation(recommendation: recommendation, herb: herb, prediction: row.prediction))
        }
        for diagnosis in announcements.diagnoses {
            let ranking = rankings[diagnosis, default: []].sorted { $0.prediction.rank < $1.prediction.rank }
            collected.append((diagnosis, .ranking(ranking)))
        }
    }

    /// - Returns: how many were written.
    func write(_ db: GRDB.Database, run: RunID, at now: Instant) throws -> Int {
        guard !collected.isEmpty else { return 0 }
        let insert = try Statement(
            db, "INSERT INTO deltas (run_id, diagnosis_id, type, data, at) VALUES (?, ?, ?, ?, ?)")
        let order = collected.indices.sorted { Self.precedes(collected[$0], collected[$1]) }
        for position in order {
            let (diagnosis, change) = collected[position]
            insert.bind(run.rawValue, at: 1)
            insert.bind(diagnosis.rawValue, at: 2)
            insert.bind(change.kind.rawValue, at: 3)
            insert.bind(change.storedText, at: 4)
            insert.bind(now, at: 5)
            try insert.run()
        }
        return collected.count
    }

    private typealias Entry = (diagnosis: DiagnosisID, change: Delta.Change)

    private static func precedes(_ left: Entry, _ right: Entry) -> Bool {
        guard left.diagnosis == right.diagnosis else { return left.diagnosis < right.diagnosis }
        switch (left.change, right.change) {
        case (.effectiveness(let first, _, _), .effectiveness(let second, _, _)): return first < second
        case (.effectiveness, .ranking): return true
        default: return false
        }
    }
}

// The stored text is comma-separated numbers and words, records apart by `;`: compact, since a first run writes one for
// every recommendation. What clients are sent is made from the `Delta`.
extension Delta.Change {
    var storedText: String {
        var text = ""
        switch self {
        case .effectiveness(let recommendation, let old, let new):
            text += String(recommendation.rawValue)
            for counts in [old, new] {
                text += ";"
                counts?.append(to: &text)
            }
        case .ranking(let ranking):
            for (index, place) in ranking.enumerated() {
                if index > 0 { text += ";" }
                place.append(to: &text)
            }
        case .broadcast(_, let json): text = json
        }
        return text
    }

    /// Reads what `storedText` wrote; `nil` where it is damaged.
    init?(kind: Delta.Kind, storedText: String, diagnosis: DiagnosisID) {
        if storedText.hasPrefix("{") {
            self = .broadcast(kind, json: storedText)
            return
        }
        let records = storedText.split(separator: ";", omittingEmptySubsequences: false)
        switch kind {
        case .effectiveness:
            guard records.count == 3, let id = Int64(records[0]) else { return nil }
            self = .effectiveness(
                recommendation: RecommendationID(rawValue: id), old: Self.counts(records[1]),
                new: Self.counts(records[2]))
        case .ranking:
            let places = storedText.isEmpty ? [] : records.map { Self.place($0, of: diagnosis) }
            let ranking = places.compactMap { $0 }
            guard ranking.count == places.count else { return nil }
            self = .ranking(ranking)
        case .feedback: return nil
        }
    }

    private static func counts(_ text: Substring) -> WindowCounts? {
        let numbers = text.split(separator: ",").compactMap { Int32($0) }
        guard numbers.count == 6 else { return nil }
        func count(_ first: Int) -> WindowCounts.Count {
            WindowCounts.Count(samples: numbers[first], successes: numbers[first + 1])
        }
        return WindowCounts(days30: count(0), days90: count(2), all: count(4))
    }

    private static func place(_ text: Substring, of diagnosis: DiagnosisID) -> RankedRecommendation? {
        let fields = text.split(separator: ",")
        guard fields.count == 10, let recommendation = Int64(fields[0]), let herb = Int64(fields[1]),
            let basis = HistoricalBasis(rawValue: String(fields[2])), let historicalSamples = Int32(fields[3]),
            let historicalSuccesses = Int32(fields[4]), let similarPatients = Int32(fields[5]),
            let similarSuccesses = Int32(fields[6]), let score = Double(fields[7]),
            let confidence = Double(fields[8]), let rank = Int32(fields[9])
        else { return nil }
        return RankedRecommendation(
            recommendation: RecommendationID(rawValue: recommendation), herb: TermID(rawValue: herb),
            prediction: Prediction(
                diagnosis: diagnosis, basis: basis, historicalSamples: historicalSamples,
                historicalSuccesses: historicalSuccesses, similarPatients: similarPatients,
                similarSuccesses: similarSuccesses, score: score, confidence: confidence, rank: rank))
    }
}

extension WindowCounts {
    fileprivate func append(to text: inout String) {
        for (index, count) in [days30, days90, all].enumerated() {
            if index > 0 { text += "," }
            text += String(count.samples)
            text += ","
            text += String(count.successes)
        }
    }
}

extension RankedRecommendation {
    fileprivate func append(to text: inout String) {
        let counts = [
            prediction.historicalSamples, prediction.historicalSuccesses, prediction.similarPatients,
            prediction.similarSuccesses,
        ]
        text += "\(recommendation),\(herb),\(prediction.basis.rawValue),"
        for count in counts {
            text += String(count)
            text += ","
        }
        text += "\(prediction.score),\(prediction.confidence),\(prediction.rank)"
    }
}
