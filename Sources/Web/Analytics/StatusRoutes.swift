import Domain
import Statistics
import Store

/// That each part of the API runs; for staff, which results it serves.
struct StatusRoutes {
    let clinic: ClinicService

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
            handler: .open(
                exact: { [clinic] _, requester in
                    guard let staff = StaffAccess(requester) else { return nil }
                    let releasedUntil = try await clinic.publicFigures().releasedUntil
                    return try await clinic.read(as: staff) { _, results in
                        let origin = try results.origins()[.effectiveness]
                        let run = try origin.flatMap { try results.run($0.run) }
                        return Answer(
                            ServiceStatus(
                                asOf: origin?.asOf, computedAt: run?.end?.endedAt ?? run?.start.startedAt,
                                run: origin?.run, modelVersion: Ensemble.version, releasedUntil: releasedUntil
                            ).json)
                    }
                }, released: { .status(modelVersion: Ensemble.version, $0.figures) }))
    }
}
