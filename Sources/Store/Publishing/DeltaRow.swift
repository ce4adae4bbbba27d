public import Domain

/// A stored row of the outbox: one delta, or a batch of deltas of one run for neighbouring diagnoses.
public struct DeltaRow: Equatable, Sendable {
    /// The audience of a row, as far as it can be found without unpacking it; the raw value is stored.
    public enum Kind: String, Sendable {
        /// One delta for staff, or a batch for any audience.
        case batch
        /// One delta for the patient.
        case patient
        /// One delta for both audiences.
        case shared
    }

    /// The number of the last delta; the others have the numbers before it.
    public var sequence: Int64
    /// The run that published it; 0 for a delta of an order.
    public var run: RunID
    /// The diagnosis of the first delta.
    public var first: DiagnosisID
    /// The diagnosis of the last delta of a batch; `nil` for a row of one delta.
    public var last: DiagnosisID?
    /// The packed deltas.
    public var bytes: [UInt8]
    /// When it was written.
    public var at: Instant
    /// Its audience.
    public var kind: Kind

    /// A row of the outbox.
    public init(
        sequence: Int64, run: RunID, first: DiagnosisID, last: DiagnosisID?, bytes: [UInt8], at: Instant, kind: Kind
    ) {
        self.sequence = sequence
        self.run = run
        self.first = first
        self.last = last
        self.bytes = bytes
        self.at = at
        self.kind = kind
    }
}
