import Crypto
import Domain

/// The text form of a ledger: lines of fields that are separated by tabs.
///
///     avicenna released figures	1
///     timezone	Asia/Tehran
///     from	2026-11
///     month	2026-11	0.5	2026-12-08T00:30:00Z
///     enter	herb	saffron
///     cell	overall	12	3	4	5	6
///     cell	herb	saffron	…
///     end	2026-11	SHA-256 of the lines from 'month' on
enum LedgerText {
    /// How each ledger begins.
    static let magic = Releases.ledgerBeginning
    static let version = "1"
    /// The largest number of a cell, which no clinic comes near.
    static let largestNumber = 1_000_000_000_000

    // MARK: Writing

    /// The lines of a ledger without months.
    static func header(_ setup: ReleaseSetup) -> String {
        "\(magic)\t\(version)\ntimezone\t\(setup.timezone)\nfrom\t\(setup.firstMonth)\n"
    }

    /// The lines of a month, without the one that ends it.
    ///
    /// - Throws: `LedgerError.unwritable`.
    static func lines(of month: ReleasedMonth) throws -> String {
        var text = "month\t\(month.month)\t\(month.epsilon)\t\(month.releasedAt)\n"
        for subject in month.entries { text += "enter\t\(try fields(of: subject))\n" }
        for (subject, counts) in month.cells.sorted(by: { $0.key < $1.key }) {
            text += "cell\t\(try fields(of: subject))\t\(counts.counts.map(String.init).joined(separator: "\t"))\n"
        }
        return text
    }

    /// The lines of a month.
    static func block(_ month: LedgerMonth) throws -> String {
        "\(try lines(of: month.released))end\t\(month.released.month)\t\(month.digest)\n"
    }

    static func digest(of lines: String) -> String { SHA256.hash(data: Array(lines.utf8)).hexadecimal }

    private static func fields(of subject: ReleasedSubject) throws -> String {
        for key in subject.keys where key.text.isEmpty || key.text.hasControlCharacters {
            throw LedgerError.unwritable(key: key.text)
        }
        return ([subject.level.rawValue] + subject.keys.map(\.text)).joined(separator: "\t")
    }

    // MARK: Fields

    /// The fields of a line.
    static func fields(_ line: String) -> [String] {
        line.unicodeScalars.split(separator: "\t", omittingEmptySubsequences: false).map {
            String(String.UnicodeScalarView($0))
        }
    }

    /// The subject that some fields name.
    static func subject(_ fields: some Collection<String>) -> ReleasedSubject? {
        guard let level = fields.first.flatMap(Level.init) else { return nil }
        let keys = fields.dropFirst().map(TextKey.init(stored:))
        guard keys.allSatisfy({ !$0.text.isEmpty && !$0.text.hasControlCharacters }) else { return nil }
        return ReleasedSubject(level, keys)
    }
}
