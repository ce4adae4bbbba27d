import Foundation

/// A clinic whose API is served, with results of today.
public struct ServedAPI: Sendable {
    /// The clinic.
    public let clinic: ServedClinic
    /// Its server.
    public let server: ServerProcess

    /// Serves the golden clinic, whose settings have further lines.
    public init(settings: String = "rate_limit: 0\nfeedback_per_day: 1000\n") async throws {
        clinic = try await ServedClinic(settings: settings)
        let run = try await clinic.shell("avicenna run feedback -q")
        guard run.status == 0 else {
            throw CocoaError(.fileReadCorruptFile, userInfo: [NSDebugDescriptionErrorKey: run.errors])
        }
        server = try await ServerProcess(in: clinic.folder, command: "serve")
    }

    /// Asks.
    public func ask(
        _ method: String = "GET", _ path: String, _ token: String? = nil, json: String? = nil,
        headers: [String: String] = [:]
    ) async throws -> HTTPExchange {
        try await HTTPExchange(method, path, port: server.port, token: token, json: json, headers: headers)
    }

    /// What a query of the database gives, as `sqlite3` prints it.
    public func sql(_ query: String) async throws -> String {
        try await clinic.shell("sqlite3 -readonly avicenna.db \"\(query)\"").output.trimmingCharacters(
            in: .whitespacesAndNewlines)
    }
}
