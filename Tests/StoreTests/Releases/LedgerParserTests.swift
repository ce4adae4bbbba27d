import Domain
import TestSupport
import Testing

@testable import Store

/// A ledger that a process or disk left unfinished is read up to there; one that was changed is refused.
@Suite(.timeLimit(.minutes(30))) struct LedgerParserTests {
    private static let header = "avicenna released figures\t1\ntimezone\tAsia/Tehran\nfrom\t2026-10\n"

    private static func text() throws -> String {
        try header + LedgerText.block(month("2026-10", 1)) + LedgerText.block(month("2026-11", 2))
    }

    private static func month(_ month: String, _ number: Int) throws -> LedgerMonth {
        let mint = TextKey("نعنا")
        let treatment = ReleasedSubject.treatment(herb: mint, condition: TextKey("بی خوابی"))
        let counts = RatingCounts(counts: [number, -3, 0, 44, 5])
        return try LedgerMonth(
            ReleasedMonth(
                month: try #require(CalendarMonth(month)), epsilon: .standard,
                releasedAt: instant("2026-12-08T00:30:00Z"), entries: [.herb(mint), treatment],
                cells: [.overall: counts, .herb(mint): counts, treatment: counts]))
    }

    private func parse(_ text: String) throws -> LedgerParser.Result {
        try LedgerParser.parse(Array(text.utf8), path: "l")
    }

    @Test("what is written is read")
    func reads() throws {
        let text = try Self.text()
        let result = try parse(text)
        #expect(result.wholeBytes == text.utf8.count)
        let content = try #require(result.content)
        #expect(
            content.setup.timezone.description == "Asia/Tehran" && content.setup.firstMonth.description == "2026-10")
        #expect(content.months == [try Self.month("2026-10", 1), try Self.month("2026-11", 2)])
        #expect(text.contains("enter\ttreatment\tنعنا\tبی خوابی\ncell\toverall\t1\t-3\t0\t44\t5\n"))
    }

    @Test("a tail that is cut anywhere is passed over, and what is before it is read")
    func cutAnywhere() throws {
        let bytes = Array(try Self.text().utf8)
        let headerEnd = Self.header.utf8.count
        let firstEnd = try headerEnd + LedgerText.block(Self.month("2026-10", 1)).utf8.count
        for length in 0..<bytes.count {
            let result = try LedgerParser.parse(Array(bytes[..<length]), path: "l")
            let expected = length < headerEnd ? 0 : length < firstEnd ? headerEnd : firstEnd
            #expect(result.wholeBytes == expected, "\(length)")
            #expect(
                result.content?.months.count ?? -1 == (length < headerEnd ? -1 : length < firstEnd ? 0 : 1), "\(length)"
            )
        }
    }

    @Test("no byte can be changed without an error, or the loss of the last month before its end is whole")
    func changedAnywhere() throws {
        let bytes = Array(try Self.text().utf8)
        for position in bytes.indices {
            for change: UInt8 in [1, 0x20, 0x80] {
                var changed = bytes
                changed[position] ^= change
                // A header of another zone or month is as good as this one; nothing covers it but the database.
                let result = try? LedgerParser.parse(changed, path: "l")
                let months = result?.content?.months
                #expect(
                    months == nil || position < Self.header.utf8.count, "\(position) \(change): \(months?.count ?? 0)")
            }
        }
    }

    @Test(
        "names the line of what is wrong",
        arguments: [
            ("2026-11\t0.5", "2026-11\t0.50", 17, "lines of 2026-11 have the digest"),
            ("44\t5\nend", "44\nend", 9, "five numbers"),
            ("enter\therb", "enter\tcohort", 5, "a level and its keys"),
            ("cell\toverall", "call\toverall", 7, "must begin with"),
            ("from\t2026-10", "from\t2026", 3, "must be 'from' and a month"),
            ("Asia/Tehran", "Tehran", 2, "name of a time zone"),
            ("month\t2026-10", "month\t2026-1x", 4, "must be 'month', a month"),
        ])
    func line(old: String, new: String, line: Int, reason: String) throws {
        let text = try Self.text()
        let range = try #require(text.range(of: old))
        let error = #expect(throws: LedgerError.self) { try parse(text.replacingCharacters(in: range, with: new)) }
        let isThere = error?.description.hasPrefix("l:") == true && error?.description.contains(reason) == true
        #expect(isThere, "\(error?.description ?? "")")
        if case .damaged(_, let found, _) = error { #expect(found == line) }
        #expect(error?.status == .badData)
    }

    @Test("a repeated month, and one that is not written canonically, is refused")
    func strictness() throws {
        let text = try Self.text()
        let twice = try text + LedgerText.block(Self.month("2026-11", 3))
        #expect(throws: LedgerError.damaged(path: "l", line: 24, reason: "month 2026-11 is repeated")) {
            try parse(twice)
        }
        // A digest that fits does not make it one of ours.
        let lines = "month\t2026-12\t0.50\t2026-12-08T00:30:00Z\ncell\toverall\t1\t2\t3\t4\t5\n"
        let own = text + lines + "end\t2026-12\t\(LedgerText.digest(of: lines))\n"
        #expect(throws: LedgerError.self) { try parse(own) }
    }

    @Test("another file is not a ledger, and one of a newer version is not read")
    func otherFiles() throws {
        for text in ["hello\n", "x", "SQLite format 3\0", "avicenna\n"] {
            #expect(throws: LedgerError.notALedger(path: "l")) { try parse(text) }
        }
        #expect(throws: LedgerError.tooNew(path: "l")) { try parse("avicenna released figures\t2\n") }
    }

    @Test("a key with a tab or line end cannot be released")
    func strangeKeys() throws {
        for key in ["a\tb", "a\nb", ""] {
            let subject = ReleasedSubject.herb(TextKey(stored: key))
            #expect(throws: LedgerError.unwritable(key: key)) {
                try LedgerMonth(
                    ReleasedMonth(
                        month: CalendarMonth(of: day("2026-11-01")), epsilon: .standard,
                        releasedAt: Instant(seconds: 0),
                        entries: [subject], cells: [subject: RatingCounts(counts: [1, 1, 1, 1, 1])]))
            }
        }
    }
}
