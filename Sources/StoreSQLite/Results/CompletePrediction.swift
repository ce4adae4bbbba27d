import Domain
import Store

/// A prediction with all that it says, as deltas tell it, and as runs published it before the historical evidence was kept apart;
/// there with the balanced score that live clients were last told.
struct CompletePrediction: PublishedRow {
    var prediction: Prediction
    var announcedScore: Double

    static let columns = [
        "diagnosis_id", "basis", "historical_samples", "historical_successes", "similar_patients",
        "similar_successes", "score", "confidence", "rank", "announced_score",
    ]

    func write(to page: inout ByteWriter) {
        page.append(count: prediction.diagnosis.rawValue)
        page.append(UInt8(prediction.basis.ordinal) << 1 | (announcedScore == prediction.score ? 0 : 1))
        page.append(count: prediction.historicalSamples)
        page.append(count: prediction.historicalSuccesses)
        page.append(count: prediction.similarPatients)
        page.append(count: prediction.similarSuccesses)
        page.append(prediction.score)
        page.append(prediction.confidence)
        page.append(count: prediction.rank)
        if announcedScore != prediction.score { page.append(announcedScore) }
    }

    init?(from page: inout ByteReader) {
        let diagnosis = DiagnosisID(rawValue: page.count())
        let byte = page.byte()
        guard let basis = HistoricalBasis(ordinal: byte >> 1) else { return nil }
        prediction = Prediction(
            diagnosis: diagnosis, basis: basis, historicalSamples: page.count32(),
            historicalSuccesses: page.count32(), similarPatients: page.count32(), similarSuccesses: page.count32(),
            score: page.double(), confidence: page.double(), rank: page.count32())
        announcedScore = byte & 1 == 0 ? prediction.score : page.double()
    }

    init(prediction: Prediction, announcedScore: Double) {
        self.prediction = prediction
        self.announcedScore = announcedScore
    }

    func bind(to statement: Statement, from first: Int32) {
        statement.bind(prediction.diagnosis.rawValue, at: first)
        statement.bind(prediction.basis.rawValue, at: first + 1)
        statement.bind(prediction.historicalSamples, at: first + 2)
        statement.bind(prediction.historicalSuccesses, at: first + 3)
        statement.bind(prediction.similarPatients, at: first + 4)
        statement.bind(prediction.similarSuccesses, at: first + 5)
        statement.bind(prediction.score, at: first + 6)
        statement.bind(prediction.confidence, at: first + 7)
        statement.bind(prediction.rank, at: first + 8)
        statement.bind(announcedScore, at: first + 9)
    }

    init?(row: Statement, from first: Int32) {
        guard let basis = row.text(first + 1).flatMap(HistoricalBasis.init) else { return nil }
        prediction = Prediction(
            diagnosis: DiagnosisID(rawValue: row.int64(first)), basis: basis,
            historicalSamples: row.int32(first + 2), historicalSuccesses: row.int32(first + 3),
            similarPatients: row.int32(first + 4), similarSuccesses: row.int32(first + 5),
            score: row.double(first + 6), confidence: row.double(first + 7), rank: row.int32(first + 8))
        announcedScore = row.double(first + 9)
    }

    var isPossible: Bool {
        let evidence = HistoricalEvidence(
            basis: prediction.basis, samples: prediction.historicalSamples, successes: prediction.historicalSuccesses)
        let rest = PublishedPrediction(prediction, of: .all, lastPublishedScore: announcedScore)
        return evidence.isPossible && rest.isPossible
    }
}
