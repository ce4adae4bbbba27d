import Domain
import Store

extension ClinicRecords {
    /// Whether a recommendation is the requester's to see; not where there is none.
    func isOwned(_ recommendation: RecommendationID, by requester: Requester) throws -> Bool {
        try patient(of: recommendation).map(requester.owns) ?? false
    }

    /// The recommendation, where it is the requester's to see.
    ///
    /// - Throws: `Problem` that there is none, which also says nothing of those of others.
    func owned(_ recommendation: RecommendationID, by requester: Requester) throws -> RecommendationID {
        guard try isOwned(recommendation, by: requester) else {
            throw Problem(.notFound, "there is no recommendation \(recommendation)")
        }
        return recommendation
    }

    /// The diagnosis, where it is the requester's to see.
    ///
    /// - Throws: `Problem` that there is none, which also says nothing of those of others.
    func owned(_ diagnosis: DiagnosisID, by requester: Requester) throws -> DiagnosisID {
        guard let owner = try patient(of: diagnosis), requester.owns(recordsOf: owner) else {
            throw Problem(.notFound, "there is no diagnosis \(diagnosis)")
        }
        return diagnosis
    }
}
