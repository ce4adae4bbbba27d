import Analytics
import Domain
import Store

/// How each part of the API stands; nothing of any patient.
struct StatusRoutes {
    let clinic: ClinicDesk

    var endpoints: [Endpoint] {
        [
            status("/api/feedback/status", .feedback), status("/api/analytics/status", .analytics),
            status("/api/predictions/health", .predictions), status("/api/predictions/model/version", .predictions),
        ]
    }

    private func status(_ path: String, _ group: Endpoint.Group) -> Endpoint {
        Endpoint(
            method: .get, path: path, group: group, summary: "Which day and run the published results are of",
            success: .init("How it stands.", ServiceStatus.schema),
            handler: .open(exact: nil) { [clinic] _ in
                .status(
                    try clinic.database.readPublished { results in
                        let origin = try results.origins()[.effectiveness]
                        let run = try origin.flatMap { try results.run($0.run) }
                        return ServiceStatus(
                            asOf: origin?.asOf, computedAt: run?.end?.endedAt ?? run?.start.startedAt, run: origin?.run,
                            modelVersion: Ensemble.version)
                    })
            })
    }
}
