public import Domain

/// Why a ledger of released figures cannot be used.
public enum LedgerError: Failure, Equatable {
    /// A line is not one that this program writes at its place.
    case damaged(path: String, line: Int, reason: String)
    /// The file is not a ledger.
    case notALedger(path: String)
    /// The ledger was made by a newer version.
    case tooNew(path: String)
    /// A month would be imported that is released with other figures.
    case differs(path: String, month: CalendarMonth, from: String)
    /// A ledger would be imported that counts months in another time zone.
    case otherZone(path: String, zone: String, expected: String)
    /// A key has a character that separates fields or lines.
    case unwritable(key: String)
    /// Another process holds the ledger.
    case busy(path: String)

    /// One line: path, reason, what to do.
    public var description: String {
        switch self {
        case .damaged(let path, let line, let reason):
            "\(path):\(line): \(reason); the ledger is damaged: put back a copy of it, or move it away and see docs/released-figures.md"
        case .notALedger(let path):
            "\(path): is not a ledger of released figures; name another file with 'release_ledger'"
        case .tooNew(let path):
            "\(path): was made by a newer version of avicenna; install that version"
        case .differs(let path, let month, let other):
            "\(path): month \(month) has other figures than \(other); nothing was imported: find out which of them was shown"
        case .otherZone(let path, let zone, let expected):
            "\(path): counts months in \(zone), and the releases of this clinic are in \(expected); nothing was imported"
        case .unwritable(let key):
            "the key '\(key.visible)' has a control character and cannot be released; give its records another name"
        case .busy(let path):
            "\(path): is in use by another process; try again later"
        }
    }

    /// 65, 75 or 78.
    public var status: ExitStatus {
        switch self {
        case .damaged, .differs, .otherZone, .unwritable: .badData
        case .notALedger, .tooNew: .configuration
        case .busy: .tryAgain
        }
    }
}
