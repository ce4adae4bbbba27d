import Concurrency
import Domain
import Relay
import Store

/// What other programs of the clinic have the relay send to the followers of a diagnosis.
struct BroadcastRoutes {
    let relay: Relay

    var endpoints: [Endpoint] {
        [
            broadcast("recommendation", .ranking), broadcast("effectiveness", .effectiveness),
            broadcast("feedback", .feedback),
        ]
    }

    private func broadcast(_ name: String, _ kind: Delta.Kind) -> Endpoint {
        Endpoint(
            method: .post, path: "/ws/broadcast-\(name)-update", group: .live,
            summary: "Send a `\(kind.rawValue)` to the followers of a diagnosis",
            details:
                "It is sent once it is committed; clients that reconnect get it as well. The message with its data may "
                + "have \(Delta.largestMessage) bytes.",
            body: .openObject([
                .init("diagnosis_id", .id, "Whose followers get it."),
                .init("data", .anyObject, "The data of the message, which is passed on as it was written."),
            ]),
            ignoresContentType: true, isLight: true, cost: 0.1,
            success: .init(
                "The sequence number of the message.", .object([.init("seq", .id)]), status: .accepted),
            problems: [.notFound],
            handler: .restricted([.service, .admin]) { call, requester in
                let diagnosis = DiagnosisID(rawValue: call.body["diagnosis_id"]?.wholeNumber ?? 0)
                let data = call.document?.text(of: "data") ?? "{}"
                guard data.utf8.count <= Delta.largestData else {
                    throw Problem(.contentTooLarge, "data: may have \(Delta.largestData) bytes")
                }
                let sequence = try await commit(
                    Broadcast(
                        diagnosis: diagnosis, kind: kind, data: data, requester: requester, request: call.requestID))
                guard let sequence else {
                    throw Problem(.notFound, "diagnosis_id: there is no diagnosis \(diagnosis)")
                }
                return Answer(["seq": JSON(sequence)], status: .accepted)
            })
    }

    private func commit(_ broadcast: Broadcast) async throws -> Int64? {
        do {
            return try await relay.broadcast(broadcast)
        } catch is QueueFull {
            throw Problem.busy
        } catch {
            // The relay has reported why.
            var problem = Problem(.serviceUnavailable, "the database cannot be written now; try again later")
            problem.headers[.retryAfter] = "5"
            throw problem
        }
    }
}
