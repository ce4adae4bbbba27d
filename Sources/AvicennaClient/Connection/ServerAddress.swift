import Foundation
import NIOCore
import NIOSSL

/// Where a diagnosis is followed.
struct ServerAddress {
    let host: String
    let port: Int
    /// What HTTP calls the server.
    let authority: String
    /// The path and what follows it.
    let uri: String
    /// How the connection is made safe; `nil` without TLS.
    let tls: NIOSSLContext?
    /// The name that its certificate must have; `nil` where an address is to be checked instead.
    let serverName: String?

    /// - Throws: `LiveError.badConfiguration`.
    init(_ live: LiveDiagnosis, since position: LivePosition?) throws {
        guard let url = URLComponents(url: live.server, resolvingAgainstBaseURL: false),
            let scheme = url.scheme?.lowercased(), let name = url.host, !name.isEmpty,
            ["ws", "wss", "http", "https"].contains(scheme), url.query == nil, url.user == nil
        else {
            throw LiveError.badConfiguration(
                "'\(live.server.absoluteString)' is no server; write it like wss://clinic.example or ws://127.0.0.1:8080"
            )
        }
        let isSecure = scheme == "wss" || scheme == "https"
        // URLs have IPv6 addresses in brackets, and names in any letters, of which DNS knows the ASCII form.
        host = (url.encodedHost ?? name).trimmingCharacters(in: ["[", "]"])
        port = url.port ?? (isSecure ? 443 : 80)
        authority = (host.contains(":") ? "[\(host)]" : host) + (url.port.map { ":\($0)" } ?? "")
        var path = url.percentEncodedPath
        while path.hasSuffix("/") { path.removeLast() }
        uri = "\(path)/ws/\(live.diagnosisID)" + (position?.query ?? "")
        let isAddress = (try? SocketAddress(ipAddress: host, port: port)) != nil
        serverName = isAddress ? nil : host
        tls = isSecure ? try Self.context(trusting: live.options.trustedCertificates) : nil
    }

    private static func context(trusting certificates: URL?) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        if let certificates { configuration.trustRoots = .file(certificates.path) }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw LiveError.badConfiguration(
                "\(certificates?.relativePath ?? "the system's certificates"): holds no certificates in PEM")
        }
    }
}

extension LivePosition {
    /// The query that resumes from the position. An epoch that a server did not write is left out.
    fileprivate var query: String {
        guard let epoch, !epoch.isEmpty, epoch.utf8.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }) else {
            return "?since=\(sequence)"
        }
        return "?since=\(sequence)&epoch=\(epoch)"
    }
}
