package import Domain

extension PublishedPrediction: PublishedRow {
    package func write(to page: inout ByteWriter) {
        page.append(count: diagnosis.rawValue)
        page.append(count: treatment.herb.rawValue)
        page.append(count: treatment.condition.rawValue)
        page.append(count: similarPatients)
        page.append(count: similarSuccesses)
        page.append(count: rank)
        page.append(lastPublishedScore)
    }

    package init?(from page: inout ByteReader) {
        let diagnosis = DiagnosisID(rawValue: page.count())
        let herb = TermID(rawValue: page.count())
        let condition = TermID(rawValue: page.count())
        self.init(
            diagnosis: diagnosis, treatment: .treatment(herb: herb, condition: condition),
            similarPatients: page.count32(), similarSuccesses: page.count32(), rank: page.count32(),
            lastPublishedScore: page.double())
    }

    package static let columns = [
        "diagnosis_id", "treatment", "similar_patients", "similar_successes", "rank", "told_score",
    ]

    package func write(to columns: inout ColumnWriter) {
        columns.append(diagnosis.rawValue)
        columns.append(treatment.rawValue)
        columns.append(similarPatients)
        columns.append(similarSuccesses)
        columns.append(rank)
        columns.append(lastPublishedScore)
    }

    package init?(from columns: inout ColumnReader) {
        self.init(
            diagnosis: DiagnosisID(rawValue: columns.int64()), treatment: Subject(rawValue: columns.int64()),
            similarPatients: columns.int32(), similarSuccesses: columns.int32(), rank: columns.int32(),
            lastPublishedScore: columns.double())
    }

    package var isPossible: Bool {
        isPart(similarSuccesses, of: similarPatients) && rank > 0 && 0...1 ~= lastPublishedScore
    }
}
