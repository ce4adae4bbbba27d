/// A condition found in a patient on a day. The patient owns it.
public struct Diagnosis: Equatable, Sendable {
    /// Number of the diagnosis.
    public var id: DiagnosisID
    /// Whose it is.
    public var patient: PatientID
    /// The condition as it was entered, trimmed.
    public var condition: String
    /// The symptoms as they were entered, each trimmed; order and repetition carry no meaning.
    public var symptoms: [String]
    /// When it was made.
    public var createdAt: Instant

    /// A diagnosis with checked values.
    public init(id: DiagnosisID, patient: PatientID, condition: String, symptoms: [String], createdAt: Instant) {
        self.id = id
        self.patient = patient
        self.condition = condition
        self.symptoms = symptoms
        self.createdAt = createdAt
    }
}
