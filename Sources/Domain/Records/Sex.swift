/// Sex of a patient, where the clinic knows it.
public enum Sex: String, CaseIterable, Sendable {
    /// Female.
    case female
    /// Male.
    case male
}
