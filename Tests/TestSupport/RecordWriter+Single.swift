public import Domain
public import Store

extension RecordWriter {
    /// Writes a patient.
    public func write(_ patient: Patient) throws -> WriteOutcome { try write(.patient(patient)) }
    /// Writes a diagnosis.
    public func write(_ diagnosis: Diagnosis) throws -> WriteOutcome { try write(.diagnosis(diagnosis)) }
    /// Writes a recommendation.
    public func write(_ recommendation: Recommendation) throws -> WriteOutcome {
        try write(.recommendation(recommendation))
    }
    /// Writes a feedback.
    public func write(_ feedback: Feedback) throws -> WriteOutcome { try write(.feedback(feedback)) }

    private func write(_ record: WrittenRecord) throws -> WriteOutcome {
        guard let outcome = try write([BatchRecord(record, row: 0)])[0] else {
            preconditionFailure("the first record of a row is always tried")
        }
        return outcome
    }
}
