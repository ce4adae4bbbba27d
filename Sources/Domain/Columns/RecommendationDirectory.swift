/// The diagnosis and the treatment of each recommendation, which publishing results needs, as columns.
///
/// It shares its storage with the clinic that it is made of. Results that were computed elsewhere come with one of their own.
public struct RecommendationDirectory: Sendable {
    private let ids: [RecommendationID]
    private let diagnosis: [Int32]
    private let herb: [Int32]
    private let diagnosisIDs: [DiagnosisID]
    private let condition: [Int32]
    private let herbTerms: [TermID]
    private let conditionTerms: [TermID]

    /// A directory of recommendations.
    ///
    /// - Parameters:
    ///   - ids: the recommendations, ascending.
    ///   - diagnosis: the position of the diagnosis of each in `diagnosisIDs`.
    ///   - herb: the position of the herb of each in `herbTerms`.
    ///   - diagnosisIDs: the diagnoses.
    ///   - condition: the position of the condition of each diagnosis in `conditionTerms`.
    public init(
        ids: [RecommendationID], diagnosis: [Int32], herb: [Int32], diagnosisIDs: [DiagnosisID], condition: [Int32],
        herbTerms: [TermID], conditionTerms: [TermID]
    ) {
        self.ids = ids
        self.diagnosis = diagnosis
        self.herb = herb
        self.diagnosisIDs = diagnosisIDs
        self.condition = condition
        self.herbTerms = herbTerms
        self.conditionTerms = conditionTerms
    }

    /// Looks recommendations up, fast where they are asked for in ascending order.
    public struct Lookup {
        private let directory: RecommendationDirectory
        private var search: AscendingSearch<RecommendationID>

        fileprivate init(_ directory: RecommendationDirectory) {
            self.directory = directory
            search = AscendingSearch(in: directory.ids)
        }

        /// The diagnosis of a recommendation; `nil` where the recommendation is not in the directory.
        public mutating func diagnosis(of recommendation: RecommendationID) -> DiagnosisID? {
            search.position(of: recommendation).map { directory.diagnosisIDs[Int(directory.diagnosis[$0])] }
        }

        /// The herb and condition of a recommendation; `nil` where the recommendation is not in the directory.
        public mutating func treatment(of recommendation: RecommendationID) -> Subject? {
            search.position(of: recommendation).map { position in
                .treatment(
                    herb: directory.herbTerms[Int(directory.herb[position])],
                    condition: directory.conditionTerms[
                        Int(directory.condition[Int(directory.diagnosis[position])])])
            }
        }
    }

    /// A lookup from the first recommendation on.
    public func lookup() -> Lookup { Lookup(self) }
}

extension Clinic {
    /// The diagnosis and the treatment of each recommendation.
    public var directory: RecommendationDirectory {
        RecommendationDirectory(
            ids: recommendations.ids, diagnosis: recommendations.diagnosis, herb: recommendations.herb,
            diagnosisIDs: diagnoses.ids, condition: diagnoses.condition, herbTerms: herbs.terms,
            conditionTerms: conditions.terms)
    }
}
