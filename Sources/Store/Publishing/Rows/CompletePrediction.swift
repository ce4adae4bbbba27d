package import Domain

/// A prediction with all of its values, as deltas hold it, and as runs published it before the historical evidence was kept apart;
/// there with the balanced score that live clients last received.
package struct CompletePrediction: PublishedRow {
    package var prediction: Prediction
    package var announcedScore: Double

    init(prediction: Prediction, announcedScore: Double) {
        self.prediction = prediction
        self.announcedScore = announcedScore
    }

    package func write(to page: inout ByteWriter) {
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

    package init?(from page: inout ByteReader) {
        let diagnosis = DiagnosisID(rawValue: page.count())
        let byte = page.byte()
        guard let basis = HistoricalBasis(ordinal: byte >> 1) else { return nil }
        prediction = Prediction(
            diagnosis: diagnosis, basis: basis, historicalSamples: page.count32(),
            historicalSuccesses: page.count32(), similarPatients: page.count32(), similarSuccesses: page.count32(),
            score: page.double(), confidence: page.double(), rank: page.count32())
        announcedScore = byte & 1 == 0 ? prediction.score : page.double()
    }

    package static let columns = [
        "diagnosis_id", "basis", "historical_samples", "historical_successes", "similar_patients",
        "similar_successes", "score", "confidence", "rank", "announced_score",
    ]

    package func write(to columns: inout ColumnWriter) {
        columns.append(prediction.diagnosis.rawValue)
        columns.append(prediction.basis.rawValue)
        columns.append(prediction.historicalSamples)
        columns.append(prediction.historicalSuccesses)
        columns.append(prediction.similarPatients)
        columns.append(prediction.similarSuccesses)
        columns.append(prediction.score)
        columns.append(prediction.confidence)
        columns.append(prediction.rank)
        columns.append(announcedScore)
    }

    package init?(from columns: inout ColumnReader) {
        let diagnosis = DiagnosisID(rawValue: columns.int64())
        guard let basis = columns.text().flatMap(HistoricalBasis.init) else { return nil }
        prediction = Prediction(
            diagnosis: diagnosis, basis: basis, historicalSamples: columns.int32(),
            historicalSuccesses: columns.int32(), similarPatients: columns.int32(), similarSuccesses: columns.int32(),
            score: columns.double(), confidence: columns.double(), rank: columns.int32())
        announcedScore = columns.double()
    }

    package var isPossible: Bool {
        let evidence = HistoricalEvidence(
            basis: prediction.basis, samples: prediction.historicalSamples, successes: prediction.historicalSuccesses)
        let rest = PublishedPrediction(prediction, of: .all, lastPublishedScore: announcedScore)
        return evidence.isPossible && rest.isPossible
    }
}
