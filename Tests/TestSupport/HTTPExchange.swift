import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// A request to a server of a test, and what was answered.
public struct HTTPExchange: Sendable {
    /// Status of the answer.
    public let status: Int
    /// Body of the answer.
    public let body: String
    private let headers: [String: String]

    /// Asks.
    ///
    /// - Parameters:
    ///   - path: with its query.
    ///   - token: sent as a bearer token.
    ///   - json: sent as the body.
    public init(
        _ method: String = "GET", _ path: String, port: Int, token: String? = nil, json: String? = nil,
        headers: [String: String] = [:]
    ) async throws {
        guard let url = URL(string: "http://127.0.0.1:\(port)\(path)") else { throw URLError(.badURL) }
        var request = URLRequest(url: url, cachePolicy: .reloadIgnoringLocalCacheData, timeoutInterval: 60)
        request.httpMethod = method
        if let token { request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization") }
        if let json {
            request.httpBody = Data(json.utf8)
            request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        }
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        let (data, response) = try await Self.session.data(for: request)
        guard let response = response as? HTTPURLResponse else { throw URLError(.badServerResponse) }
        status = response.statusCode
        body = String(decoding: data, as: UTF8.self)
        self.headers = Dictionary(
            uniqueKeysWithValues: response.allHeaderFields.map { ("\($0.key)".lowercased(), "\($0.value)") })
    }

    private static let session: URLSession = {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpMaximumConnectionsPerHost = 128
        return URLSession(configuration: configuration)
    }()

    /// The value of a header line; `nil` where there is none.
    public subscript(header: String) -> String? { headers[header.lowercased()] }

    /// A value in the body, by the names of the objects and the positions in the lists that lead to it.
    public func value<Value>(_ path: Step..., as type: Value.Type = Value.self) -> Value? {
        // What is no JSON has no values.
        var value = try? JSONSerialization.jsonObject(with: Data(body.utf8))
        for step in path {
            switch step {
            case .name(let name): value = (value as? [String: Any])?[name]
            case .position(let position):
                let list = value as? [Any] ?? []
                value = list.indices.contains(position) ? list[position] : nil
            }
        }
        return value as? Value
    }

    /// A step into a JSON value.
    public enum Step: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, Sendable {
        /// A member of an object.
        case name(String)
        /// An entry of a list.
        case position(Int)

        /// A member.
        public init(stringLiteral value: String) { self = .name(value) }
        /// An entry.
        public init(integerLiteral value: Int) { self = .position(value) }
    }
}
