/// A patient as the clinic recorded them.
public struct Patient: Equatable, Sendable {
    /// Number of the patient.
    public var id: PatientID
    /// Temperament.
    public var mizaj: Mizaj
    /// Sex, where known.
    public var sex: Sex?
    /// Gregorian year, 1900 or later, where known.
    public var birthYear: Int?

    /// A patient with checked values.
    public init(id: PatientID, mizaj: Mizaj, sex: Sex?, birthYear: Int?) {
        self.id = id
        self.mizaj = mizaj
        self.sex = sex
        self.birthYear = birthYear
    }
}
