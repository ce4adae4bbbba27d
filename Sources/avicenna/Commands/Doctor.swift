import ArgumentParser
import Domain
import Pipeline
import Reports

/// `avicenna doctor`
struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look whether all that runs and reports need is in order, and say what to mend.")

    @Option(help: "How to print: table, csv or json.")
    var format: OutputFormat = .table

    @OptionGroup var options: SettingsOptions

    func run() throws {
        let findings = Checkup(settings: try options.load(), now: Terminal.now()).findings()
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
}
