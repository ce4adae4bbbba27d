import Foundation

/// A mail server that was not written here (aiosmtpd), on loopback, as long as the test holds it.
public final class TestMailServer: Sendable {
    /// How it keeps secret what is said to it.
    public enum Security: String, Sendable {
        case none, starttls, tls
    }

    /// Where it listens.
    public let port: Int
    private let folder: TemporaryFolder
    private let process: ChildProcess

    /// Name and password that it lets in, where it asks for one.
    public static let (user, password) = ("reports", "open sesame")

    /// Starts it; it listens when this returns. Its certificate is `cert.pem` in the folder, mails are in `mail`.
    public init(_ security: Security = .none, in folder: TemporaryFolder) async throws {
        self.folder = folder
        try FileManager.default.createDirectory(
            at: folder.url.appending(path: "mail"), withIntermediateDirectories: true)
        if security != .none { try await folder.addCertificate() }
        let script = Repository.root.appending(path: "Tests/TestSupport/Servers/mail_server.py").path
        // What it warns of is how it was set up for the tests.
        process = try await ChildProcess(
            "/usr/bin/python3",
            [script, folder.path("mail"), security.rawValue, folder.path("cert.pem"), folder.path("key.pem")],
            in: folder.url.path, environment: ProcessInfo.processInfo.environment, output: folder.path("mail.port"),
            errors: "/dev/null")
        let line = try await folder.read("mail.port") { [process] in $0.hasSuffix("\n") || !process.isRunning }
        guard let port = Int(line.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw CocoaError(.executableLoad, userInfo: [NSDebugDescriptionErrorKey: "the mail server did not start"])
        }
        self.port = port
    }

    /// From now on it answers those too whom it kept waiting.
    public func answerEveryone() throws {
        try folder.write("", to: "mail/answer")
    }

    /// The mails that it read, in order, as a program that was not written here parses them.
    public func mails() async throws -> [ReceivedMail] {
        let script = Repository.root.appending(path: "Tests/TestSupport/Servers/read_mail.py").path
        let run = try await CommandRun.shell("/usr/bin/python3 '\(script)' mail", in: folder)
        guard run.status == 0 else {
            throw CocoaError(.fileReadCorruptFile, userInfo: [NSDebugDescriptionErrorKey: run.errors])
        }
        return try JSONDecoder().decode([ReceivedMail].self, from: Data(run.output.utf8))
    }
}

/// A mail as it arrived.
public struct ReceivedMail: Decodable, Sendable {
    /// Header lines by name, decoded.
    public let headers: [String: String]
    /// The text for programs that show none other.
    public let text: String
    /// The text as HTML.
    public let html: String
    /// SHA-256 of each attachment in hexadecimal, by its name.
    public let attachments: [String: String]
    /// What the parser found against it.
    public let defects: [String]

    /// A header line; empty where there is none.
    public subscript(header: String) -> String { headers[header] ?? "" }
}
