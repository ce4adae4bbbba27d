import Domain

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
