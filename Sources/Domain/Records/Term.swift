/// A name of the clinic's vocabulary: all spellings of a herb, condition or symptom that share a `TextKey`.
public enum Term: Sendable {
    /// Terms are numbered from 1; numbers past this one cannot be packed into a `Subject`.
    public static let largestID: Int64 = 1 << 30 - 1
}

/// The number under which the store keeps a term.
public typealias TermID = Identifier<Term>
