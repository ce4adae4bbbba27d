import HTTPTypes
import Hummingbird

/// The proxies before the server, whose word for who a client is counts.
struct TrustedProxies: Sendable {
    private static let header = HTTPField.Name("X-Forwarded-For")

    /// Their addresses.
    let addresses: Set<String>

    /// The address of the client that sent a request.
    func client(of request: Request, from peer: String) -> String {
        client(forwardedFor: Self.header.map { request.headers[values: $0] } ?? [], from: peer)
    }

    /// The address of a client: the last that no trusted proxy has, of those that a request came by.
    ///
    /// - Parameter lines: the values of the header lines `X-Forwarded-For`.
    func client(forwardedFor lines: [String], from peer: String) -> String {
        guard addresses.contains(peer) else { return peer }
        let hops = lines.flatMap { $0.split(separator: ",").map { $0.filter { $0 != " " } } }
        return hops.last { !addresses.contains($0) } ?? peer
    }
}
