import Domain

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

    /// Appends the deltas to the outbox.
    ///
    /// - Returns: how many were appended.
    mutating func write(to transaction: any PublicationTransaction, run: RunID, at now: Instant) throws -> Int {
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
        let isBatch = told.count + ranked.count + patientRanked.count >= DeltaBatch.fewest
        let start = try transaction.latestSequence()
        var sequence = start
        var batch = DeltaBatch()
        func end() throws {
            let row = batch.takeRow(after: &sequence, isBatch: isBatch, run: run, at: now)
            if let row { try transaction.append(row) }
        }
        func end(before diagnosis: DiagnosisID) throws {
            if isBatch, batch.count < DeltaBatch.size || batch.last == diagnosis { return }
            try end()
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
        try end()
        return Int(sequence - start)
    }
}
