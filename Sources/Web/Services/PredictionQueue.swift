import Analytics
import Concurrency
import Domain
import Pipeline

/// Computes predictions; requests that arrive while others are computed share the next catch-up with the database.
struct PredictionQueue: Sendable {
    /// Requests that may wait.
    private static let capacity = 5000

    private let batches: GroupCommit<[DiagnosisID], [DiagnosisID: [ExplainedRecommendation]]>

    init(_ engine: IncrementalEngine) {
        batches = GroupCommit(capacity: Self.capacity, label: "avicenna.predictions") { lists in
            try await engine.predictions(ofEach: lists)
        }
    }

    /// What to expect in each of some diagnoses; without those that do not exist.
    ///
    /// - Throws: `Problem` (503) if too many requests wait; `CancellationError`; `StoreError`.
    func predictions(of diagnoses: [DiagnosisID]) async throws -> [DiagnosisID: [ExplainedRecommendation]] {
        do {
            return try await batches.submit(diagnoses)
        } catch is QueueFull {
            throw Problem.busy
        }
    }
}
