import Foundation

/// A WebSocket server that was not written here (Python's websockets), on loopback, as long as the test holds it. What it does
/// depends on the diagnosis; see `Servers/websocket_server.py`.
public final class TestWebSocketServer: Sendable {
    /// Where it listens.
    public let port: Int
    private let folder: TemporaryFolder
    private let process: ChildProcess

    /// Starts it; it listens when this returns. With TLS its certificate is `cert.pem` in the folder; without such a
    /// file one for `localhost` is made.
    public init(tls: Bool = false, in folder: TemporaryFolder) async throws {
        self.folder = folder
        if tls, !FileManager.default.fileExists(atPath: folder.path("cert.pem")) { try await folder.addCertificate() }
        let script = Repository.root.appending(path: "Tests/TestSupport/Servers/websocket_server.py").path
        process = try await CommandRun.start(
            "/usr/bin/python3", [script] + (tls ? [folder.path("cert.pem"), folder.path("key.pem")] : []), in: folder)
        let output = try await folder.read(".stdout") { [process] in $0.contains("\n") || !process.isRunning }
        guard let port = output.split(separator: "\n").first.flatMap({ Int($0) }) else {
            throw CocoaError(.executableLoad, userInfo: [NSDebugDescriptionErrorKey: try folder.read(".stderr")])
        }
        self.port = port
    }

    /// What it printed since it started: requests with their tokens.
    public var lines: [String] {
        get throws { try folder.read(".stdout").split(separator: "\n").dropFirst().map(String.init) }
    }
}
