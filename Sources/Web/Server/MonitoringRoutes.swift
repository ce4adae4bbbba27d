import Domain
import Relay
import Store

/// Metrics and the status of the relay. Both show single feedback as it arrives, and which diagnoses are followed, so that
/// they are for programs and admins.
struct MonitoringRoutes {
    let relay: Relay
    /// Counts of all requests to this server.
    let requests: RequestCounters

    private static let note =
        "An operator can also have it served without a token, at an address of its own (`metrics_address`)."

    var endpoints: [Endpoint] {
        [
            Endpoint(
                method: .get, path: "/metrics", group: .monitoring, summary: "Metrics for Prometheus",
                details: Self.note,
                success: .init(
                    "The metrics in the text format of Prometheus.", .text,
                    type: "text/plain; version=0.0.4; charset=utf-8"),
                handler: .restricted([.service, .admin]) { _, _ in
                    Answer(text: await relay.metrics() + requests.metrics, status: .ok)
                }),
            Endpoint(
                method: .get, path: "/ws/status", group: .monitoring,
                summary: "How many clients follow which diagnoses",
                details: Self.note,
                success: .init("The connections at this moment.", Self.status),
                handler: .restricted([.service, .admin]) { _, _ in Answer(try await status()) }),
        ]
    }

    private static let status = Schema.named(
        "RelayStatus",
        .object([
            .init("total_diagnoses", .count, "Diagnoses that are followed."),
            .init("total_connections", .count),
            .init("connections_by_diagnosis", .anyObject, "Connections by the number of their diagnosis."),
            .init(
                "queued_messages_by_diagnosis", .anyObject,
                "Messages that clients have not read yet, by the number of the diagnosis; without those that have none."
            ),
        ]))

    private func status() async throws -> JSON {
        let status = try await relay.status()
        func named(_ counts: [DiagnosisID: Int]) -> JSON {
            .object(counts.sorted { $0.key < $1.key }.map { JSON.Member(name: "\($0.key)", value: JSON($0.value)) })
        }
        return [
            "total_diagnoses": JSON(status.connectionsByDiagnosis.count),
            "total_connections": JSON(status.connections),
            "connections_by_diagnosis": named(status.connectionsByDiagnosis),
            "queued_messages_by_diagnosis": named(status.queuedByDiagnosis.filter { $0.value > 0 }),
        ]
    }
}
