import Access
import ArgumentParser
import AvicennaClient
import Configuration
import Domain
import Foundation

/// `avicenna watch`
struct Watch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Follow a diagnosis: print what changes as it changes, until told to end.",
        discussion: """
            The token is read from --token-file or the variable AVICENNA_TOKEN; without either, one is minted with the \
            secret of the settings. A lost connection is made again, and what was missed meanwhile is printed.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    @Argument(help: "The diagnosis.")
    var diagnosis: Int64

    @Option(help: "The server, such as wss://clinic.example. (default: the host and port of the settings)")
    var server: String?

    @Option(help: ArgumentHelp("File that holds the token; it is read again for each connection.", valueName: "file"))
    var tokenFile: String?

    @Option(
        help: ArgumentHelp("The newest message that was seen before; 0 for all that is known.", valueName: "number"))
    var since: Int64?

    @Option(help: ArgumentHelp("The epoch of that message.", valueName: "epoch"))
    var epoch: String?

    @Option(
        help: ArgumentHelp("Certificates in PEM to trust instead of the system's, for wss.", valueName: "file"))
    var certificates: String?

    @Option(help: "How to print: text, or json with a message a line.")
    var format: Format = .text

    @OptionGroup var options: SettingsOptions

    func validate() throws {
        guard diagnosis > 0 else { throw ValidationError("A diagnosis is a number from 1.") }
        guard since ?? 0 >= 0 else { throw ValidationError("--since must be a number from 0.") }
        if let epoch {
            guard since != nil else { throw ValidationError("--epoch belongs to --since.") }
            guard OutboxEpoch(epoch) != nil else {
                throw ValidationError("--epoch must be the 'epoch' of a message, such as 0123456789abcdef.")
            }
        }
    }

    func run() async throws {
        let settings = try options.load()
        var options = LiveDiagnosis.Options()
        options.since = since.map { LivePosition(sequence: $0, epoch: epoch) }
        options.trustedCertificates = certificates.map { URL(filePath: $0) }
        let server = server ?? "ws://\(settings.authority(port: settings.port))"
        guard let url = URL(string: server) else {
            throw WatchFailure(.badConfiguration("'\(server)' is no URL; write it like wss://clinic.example"))
        }
        let live = LiveDiagnosis(diagnosis, at: url, options: options, token: try tokens(settings))
        do {
            try await Signals.endingCleanly { [format] in
                // Ends with the loop, which ends by an error only.
                async let _ = Self.note(live.states)
                for try await message in live.messages {
                    if format == .json {
                        try Terminal.write(message.json.visibleJSON + "\n")
                    } else {
                        try Terminal.show(message.line)
                    }
                }
            }
        } catch is CancellationError {
            // It was told to end.
        } catch let error as LiveError {
            throw WatchFailure(error)
        }
    }

    /// What gives a token for each connection.
    private func tokens(_ settings: Settings) throws -> @Sendable () async throws -> String {
        if let tokenFile {
            let read: @Sendable () throws -> String = {
                guard let text = try? String(contentsOfFile: tokenFile, encoding: .utf8) else {
                    throw MissingFile(path: tokenFile, reason: "cannot be read; it must hold a token")
                }
                return text.trimmingCharacters(in: .whitespacesAndNewlines)
            }
            // A wrong name shows at once.
            _ = try read()
            return read
        }
        if let token = ProcessInfo.processInfo.environment[SettingsLoader.tokenVariable] { return { token } }
        guard settings.tokens.secretFile != nil else {
            throw WatchFailure(
                .badConfiguration("a token is needed; name a file with --token-file, or set AVICENNA_TOKEN"))
        }
        return {
            let claims = TokenClaims(
                subject: "watch", role: .clinician, patient: nil, issuedAt: Date(), lifetime: 3600,
                id: UUID().uuidString.lowercased())
            return try await TokenKeys.sign(claims, with: settings.tokens)
        }
    }

    /// Says how the connection stands.
    private static func note(_ states: AsyncStream<ConnectionState>) async {
        for await state in states {
            switch state {
            case .idle, .connecting, .ended: break
            case .connected: Terminal.note("connected")
            case .waiting(let wait, let reason):
                Terminal.note("\(reason); trying again in \(String(format: "%.1f", wait / .seconds(1))) s")
            }
        }
    }
}

/// Why a diagnosis cannot be watched.
struct WatchFailure: Failure {
    let error: LiveError

    init(_ error: LiveError) {
        self.error = error
    }

    var description: String {
        switch error {
        case .unusable(.untrustedCertificate): "\(error) with --certificates"
        default: "\(error)"
        }
    }

    var status: ExitStatus {
        switch error {
        case .badConfiguration: .configuration
        case .refused: .notAllowed
        case .unreachable, .unusable: .unavailable
        }
    }
}
