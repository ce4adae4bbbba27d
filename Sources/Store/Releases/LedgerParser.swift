import Domain

/// Reads the text of a ledger, line by line.
///
/// What a process that was killed, or a full disk, left of the last month is passed over: the beginning of its lines without the
/// one that ends it. Anything else that this program does not write is an error.
struct LedgerParser {
    /// What was read.
    struct Result: Equatable {
        /// The content; `nil` where not even the header is whole.
        var content: LedgerContent?
        /// How many bytes of it are whole; what comes after is unfinished.
        var wholeBytes: Int
    }

    private let path: String
    private let bytes: [UInt8]
    private var next = 0
    private var line = 0

    /// - Parameter path: what errors call the file.
    /// - Throws: `LedgerError`.
    static func parse(_ bytes: [UInt8], path: String) throws(LedgerError) -> Result {
        var parser = Self(path: path, bytes: bytes)
        return try parser.ledger()
    }

    private init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }

    // MARK: Lines

    /// The fields of the next line; `nil` where no whole line is left.
    private mutating func nextLine() throws(LedgerError) -> [String]? {
        guard let end = bytes[next...].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        line += 1
        guard let text = String(validating: bytes[next..<end], as: UTF8.self) else {
            throw damaged("the line is not UTF-8")
        }
        next = end + 1
        return LedgerText.fields(text)
    }

    private func damaged(_ reason: String) -> LedgerError { .damaged(path: path, line: line, reason: reason) }

    /// The rest without an end of its line.
    private var rest: String { String(decoding: bytes[next...], as: UTF8.self) }

    // MARK: The ledger

    private mutating func ledger() throws(LedgerError) -> Result {
        guard let setup = try header() else { return Result(content: nil, wholeBytes: 0) }
        var content = LedgerContent(setup: setup, months: [])
        var whole = next
        var known: Set<CalendarMonth> = []
        while let month = try month() {
            guard known.insert(month.released.month).inserted else {
                throw damaged("month \(month.released.month) is repeated")
            }
            content.months.append(month)
            whole = next
        }
        return Result(content: content, wholeBytes: whole)
    }

    /// - Returns: `nil` where it is the beginning of one.
    private mutating func header() throws(LedgerError) -> ReleaseSetup? {
        let expected = "\(LedgerText.magic)\t\(LedgerText.version)"
        guard let first = try nextLine() else {
            guard (expected + "\n").hasPrefix(rest) else { throw .notALedger(path: path) }
            return nil
        }
        guard first.first == LedgerText.magic, first.count == 2 else { throw .notALedger(path: path) }
        guard first[1] == LedgerText.version else { throw .tooNew(path: path) }
        guard let second = try nextLine() else { return try unfinishedHeader("timezone\t") }
        guard second.count == 2, second[0] == "timezone", let zone = ClinicTimeZone(identifier: second[1]) else {
            throw damaged("the line must be 'timezone' and the name of a time zone")
        }
        guard let third = try nextLine() else { return try unfinishedHeader("from\t") }
        guard third.count == 2, third[0] == "from", let month = CalendarMonth(third[1]) else {
            throw damaged("the line must be 'from' and a month")
        }
        return ReleaseSetup(timezone: zone, firstMonth: month)
    }

    private mutating func unfinishedHeader(_ beginning: String) throws(LedgerError) -> ReleaseSetup? {
        line += 1
        let isBeginning = beginning.hasPrefix(rest) || rest.hasPrefix(beginning)
        guard isBeginning else { throw damaged("the line must begin with '\(beginning.dropLast())'") }
        return nil
    }

    // MARK: A month

    /// - Returns: `nil` where none is left, or an unfinished one.
    private mutating func month() throws(LedgerError) -> LedgerMonth? {
        let start = next
        guard let first = try nextLine() else { return try unfinished() }
        guard first.count == 4, first[0] == "month", let month = CalendarMonth(first[1]),
            let epsilon = PrivacyLoss(first[2]), let releasedAt = Instant(rfc3339: first[3])
        else { throw damaged("the line must be 'month', a month, ε and an instant") }
        var entries: [ReleasedSubject] = []
        var cells: [ReleasedSubject: RatingCounts] = [:]
        while true {
            let end = next
            guard let fields = try nextLine() else { return try unfinished() }
            switch fields[0] {
            case "enter" where cells.isEmpty: entries.append(try entry(fields))
            case "cell":
                let (subject, counts) = try cell(fields)
                guard cells.updateValue(counts, forKey: subject) == nil else { throw damaged("the cell is repeated") }
            case "end":
                let released = ReleasedMonth(
                    month: month, epsilon: epsilon, releasedAt: releasedAt, entries: entries, cells: cells)
                return try ended(released, fields, lines: String(decoding: bytes[start..<end], as: UTF8.self))
            default: throw damaged("the line must begin with 'enter', 'cell' or 'end'")
            }
        }
    }

    private func entry(_ fields: [String]) throws(LedgerError) -> ReleasedSubject {
        guard let subject = LedgerText.subject(fields.dropFirst()), subject != .overall else {
            throw damaged("the line must be 'enter', a level and its keys")
        }
        return subject
    }

    private func cell(_ fields: [String]) throws(LedgerError) -> (ReleasedSubject, RatingCounts) {
        let numbers = fields.suffix(5).compactMap { Int($0) }
        guard fields.count >= 7, numbers.count == 5,
            numbers.allSatisfy({ $0.magnitude <= LedgerText.largestNumber }),
            let subject = LedgerText.subject(fields.dropFirst().dropLast(5))
        else { throw damaged("the line must be 'cell', a level, its keys and five numbers") }
        return (subject, RatingCounts(counts: numbers))
    }

    /// Checks the line that ends a month, and that the month is written as this program writes it.
    private func ended(_ month: ReleasedMonth, _ fields: [String], lines: String) throws(LedgerError) -> LedgerMonth {
        guard fields.count == 3, CalendarMonth(fields[1]) == month.month else {
            throw damaged("the line must be 'end', \(month.month) and a digest")
        }
        let digest = LedgerText.digest(of: lines)
        guard fields[2] == digest else { throw damaged("the lines of \(month.month) have the digest \(digest)") }
        guard (try? LedgerText.lines(of: month)) == lines, month.cells[.overall] != nil,
            month.entries.allSatisfy({ month.cells[$0] != nil })
        else { throw damaged("the lines of \(month.month) are not as this program writes them") }
        return LedgerMonth(month, digest: digest)
    }

    /// Looks whether the rest of the file is the beginning of a line. The end of a month with another byte than the end of its
    /// line may have been shown.
    private mutating func unfinished() throws(LedgerError) -> LedgerMonth? {
        line += 1
        let rest = rest
        let isBeginning = ["month\t", "enter\t", "cell\t", "end\t"].contains {
            $0.hasPrefix(rest) || rest.hasPrefix($0)
        }
        guard isBeginning, !rest.hasPrefix("end\t") || rest.utf8.count <= "end\t2026-11\t".utf8.count + 64 else {
            throw damaged("the line is not the beginning of one that this program writes")
        }
        return nil
    }
}
