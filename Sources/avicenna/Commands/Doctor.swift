import Access
import ArgumentParser
import Configuration
import Domain
import Pipeline
import StoreSQLite
import Reports
import Web

/// `avicenna doctor`
struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look whether all that runs and reports need is in order, and say what to mend.")

    @Option(help: "How to print: table, csv or json.")
    var format: OutputFormat = .table

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        let settings = try options.load()
        var findings = Checkup(
            settings: settings, now: Terminal.now(), openDatabase: { try openDatabaseForReading(at: $0) }
        ).findings()
        findings += await tokens(settings.tokens)
        findings += await forwarding(settings)
        var printer = RowPrinter(format: format, columns: ["state", "subject", "found", "advice"])
        try printer.begin()
        for finding in findings {
            try printer.print([
                .text(finding.state.rawValue), .text(finding.subject), .text(finding.text),
                finding.advice.isEmpty ? .empty : .text(finding.advice),
            ])
        }
        try printer.end()
        // What is bad has been told; the status is for programs.
        if findings.contains(where: { $0.state == .bad }) { throw ExitCode(ExitStatus.unavailable.rawValue) }
    }

    /// Whether the server that runs now ignores what a proxy forwards; nothing where none runs.
    private func forwarding(_ settings: Settings) async -> [Checkup.Finding] {
        guard settings.tokens.secretFile != nil || settings.tokens.publicKeyFile != nil,
            let count = await MetricsProbe.untrustedForwardedRequests(settings), count > 0
        else { return [] }
        return [
            Checkup.Finding(
                subject: "server", state: .doubtful,
                text:
                    "\(count.counted("request")) came through a proxy on this machine or network that is not trusted: all of its clients share one limit",
                advice: "name the proxy with 'trusted_proxies', and start the server again")
        ]
    }

    /// What is to be said of the keys of the relay and the API, where there are any.
    private func tokens(_ settings: TokenSettings) async -> [Checkup.Finding] {
        guard settings.secretFile != nil || settings.publicKeyFile != nil else { return [] }
        var findings = [settings.secretFile.flatMap { Checkup.Finding.rights(of: $0.path) }].compactMap(\.self)
        do {
            let keys = try await TokenKeys(settings)
            findings.append(Checkup.Finding(subject: "tokens", state: .good, text: "known by \(keys.names)"))
            if let unusable = keys.unusable {
                findings.append(
                    Checkup.Finding(
                        subject: "tokens", state: .doubtful, text: "\(unusable)",
                        advice: "have the issuer sign by ES256 or RS256"))
            }
        } catch {
            findings.append(Checkup.Finding(subject: "tokens", state: .bad, text: "\(error)"))
        }
        return findings
    }
}
