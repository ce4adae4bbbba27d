import HTTPTypes
import Hummingbird

/// The proxies before the server, whose word for who a client is counts.
struct TrustedProxies: Sendable {
    private static let header = HTTPField.Name("X-Forwarded-For")

    /// Their addresses.
    let addresses: Set<String>

    /// The address of the client that sent a request: the last that no trusted proxy has, of those that it came by.
    func client(of request: Request, from peer: String) -> String {
        guard addresses.contains(peer), let header = Self.header else { return peer }
        let hops = request.headers[values: header].flatMap { $0.split(separator: ",").map { $0.filter { $0 != " " } } }
        return hops.last { !addresses.contains($0) } ?? peer
    }
}
