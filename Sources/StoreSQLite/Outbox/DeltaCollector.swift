import Domain
import GRDB
import Store

/// Gathers the deltas of one publication and writes them by diagnosis, each diagnosis's effectiveness before its ranking.
struct DeltaCollector {
    typealias Tallies = PublishedTable<Subject, WindowTallies>

    /// A change of tallies, by its place among all changes.
    private struct Told {
        let diagnosis: DiagnosisID
        let change: Int
    }

    /// A place in the ranking of a diagnosis.
    private struct Place: Comparable {
        let diagnosis: DiagnosisID
        let rank: Int32
        /// Its number among all places.
        let number: Int32

        static func < (left: Self, right: Self) -> Bool {
            left.diagnosis != right.diagnosis ? left.diagnosis < right.diagnosis : left.rank < right.rank
        }
    }

    private var changes = Tallies.Changes()
    private var rows = Keyed<Subject, WindowTallies>()
    private var told: [Told] = []
    /// Diagnoses whose ranking is told, ascending; some have none any more.
    private var ranked: [DiagnosisID] = []
    private var places: [Place] = []
    private var ranking: (Int) -> RankedRecommendation = { _ in preconditionFailure("no place was taken") }
    /// Diagnoses whose ranking changed as their patients see it, ascending.
    private var patientRanked: [DiagnosisID] = []
    /// The places of these rankings, by diagnosis and rank.
    private var patientPlaces: [(diagnosis: DiagnosisID, place: PatientPlace)] = []

    /// Takes what changed in the tallies of recommendations.
    ///
    /// - Parameter diagnosis: whose followers are told; nobody is where there is none any more.
    mutating func take(
        _ changes: Tallies.Changes, to rows: Keyed<Subject, WindowTallies>,
        diagnosis: (RecommendationID) -> DiagnosisID?
    ) {
        self.changes = changes
        self.rows = rows
        told.reserveCapacity(changes.count)
        for change in 0..<changes.count {
            let (subject, old, new) = subject(of: change)
            guard old != new, let diagnosis = diagnosis(RecommendationID(rawValue: subject.rawValue)) else { continue }
            told.append(Told(diagnosis: diagnosis, change: change))
        }
    }

    /// What live clients are told of a change.
    private func subject(of change: Int) -> (subject: Subject, old: WindowCounts?, new: WindowCounts?) {
        if change < changes.inserted.count {
            let new = changes.inserted[change]
            return (rows.keys[new], nil, WindowCounts(rows.values[new]))
        }
        let replaced = change - changes.inserted.count
        if replaced < changes.replaced.count {
            let (old, new) = changes.replaced[replaced]
            return (old.key, WindowCounts(old.row), WindowCounts(rows.values[new]))
        }
        let old = changes.removed[replaced - changes.replaced.count]
        return (old.key, WindowCounts(old.row), nil)
    }

    /// Takes the rankings that are news.
    ///
    /// - Parameters:
    ///   - diagnoses: ascending; one that is no longer active has no places.
    ///   - count: how many places they have.
    ///   - place: each of these, in any order.
    mutating func take(
        rankings diagnoses: [DiagnosisID], _ count: Int, place: @escaping (Int) -> RankedRecommendation
    ) {
        ranked = diagnoses
        ranking = place
        places = (0..<count).map { number in
            let prediction = place(number).prediction
            return Place(diagnosis: prediction.diagnosis, rank: prediction.rank, number: Int32(number))
        }
    }

    /// Takes the rankings that changed as patients see them.
    ///
    /// - Parameters:
    ///   - diagnoses: ascending; one that is no longer active has no places.
    ///   - places: all places of these, by diagnosis and rank.
    mutating func take(
        patientRankings diagnoses: [DiagnosisID], places: [(diagnosis: DiagnosisID, place: PatientPlace)]
    ) {
        patientRanked = diagnoses
        patientPlaces = places
    }

    /// - Returns: how many were written.
    mutating func write(_ db: GRDB.Database, run: RunID, at now: Instant) throws -> Int {
        guard !told.isEmpty || !ranked.isEmpty || !patientRanked.isEmpty else { return 0 }
        // Of one diagnosis by recommendation. Most often they stand so already.
        var told = self.told
        if changes.replaced.count + changes.removed.count > 0
            || !zip(told, told.dropFirst()).allSatisfy({ $0.diagnosis <= $1.diagnosis })
        {
            told.sort { left, right in
                left.diagnosis != right.diagnosis
                    ? left.diagnosis < right.diagnosis
                    : subject(of: left.change).subject < subject(of: right.change).subject
            }
        }
        places.sort()
        let insert = try DeltaBatch.insert(db)
        let isBatch = told.count + ranked.count + patientRanked.count >= DeltaBatch.fewest
        let start = try OutboxReader(db: db).latestSequence()
        try NoFreeNumber.check(after: start, in: "deltas")
        var sequence = start
        var batch = DeltaBatch()
        func end(before diagnosis: DiagnosisID) throws {
            if isBatch, batch.count < DeltaBatch.size || batch.last == diagnosis { return }
            try batch.write(by: insert, after: &sequence, isBatch: isBatch, run: run, at: now)
        }
        var nextTold = 0
        func tell(upTo diagnosis: DiagnosisID?) throws {
            while nextTold < told.count, diagnosis.map({ told[nextTold].diagnosis <= $0 }) ?? true {
                let next = told[nextTold]
                let (subject, old, new) = subject(of: next.change)
                try end(before: next.diagnosis)
                batch.append(
                    .effectiveness(recommendation: RecommendationID(rawValue: subject.rawValue), old: old, new: new),
                    of: next.diagnosis)
                nextTold += 1
            }
        }
        var patients = patientRanked[...]
        var rest = patientPlaces[...]
        func tellPatients(before diagnosis: DiagnosisID?) throws {
            while let next = patients.first, diagnosis.map({ next < $0 }) ?? true {
                try tell(upTo: next)
                try end(before: next)
                let places = rest.prefix { $0.diagnosis == next }
                batch.append(.patientRanking(places.map(\.place)), of: next)
                patients.removeFirst()
                rest = rest[places.endIndex...]
            }
        }
        var nextPlace = 0
        for diagnosis in ranked {
            try tellPatients(before: diagnosis)
            try tell(upTo: diagnosis)
            try end(before: diagnosis)
            let first = nextPlace
            while nextPlace < places.count, places[nextPlace].diagnosis == diagnosis { nextPlace += 1 }
            batch.append(.ranking(places[first..<nextPlace].map { ranking(Int($0.number)) }), of: diagnosis)
        }
        try tellPatients(before: nil)
        try tell(upTo: nil)
        try batch.write(by: insert, after: &sequence, isBatch: isBatch, run: run, at: now)
        return Int(sequence - start)
    }
}

// Rows of deltas that were written before there were batches have text: comma-separated numbers and words, records apart by `;`.
extension Delta.Change {
    /// Reads the text of a row: what others have us tell, or what runs wrote before there were batches; `nil` where it is
    /// damaged.
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
