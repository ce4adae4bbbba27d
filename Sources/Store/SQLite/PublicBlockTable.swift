import Domain
import GRDB

/// The blocks that anybody may see.
struct PublicBlockTable {
    let db: GRDB.Database

    /// All blocks, in the order in which they were made.
    func read() throws -> [PublicBlock] {
        let statement = try Statement(
            db,
            """
            SELECT treatment, content, first_day, last_day, last_import, \(Tally.columns.joined(separator: ", "))
            FROM public_blocks ORDER BY block_id
            """)
        var blocks: [PublicBlock] = []
        let most = try SQLiteDatabase.mostRows(db)
        while try statement.step() {
            let content: PublicBlock.Content
            switch statement.text(1) {
            case "cases":
                let (first, last) = (try statement.day(2), try statement.day(3))
                guard first <= last else { throw DatabaseError.unknown("public_blocks") }
                content = .cases(first...last)
            case "edits": content = .edits
            case "withdrawals": content = .withdrawals
            default:
                throw DatabaseError.unknown("public_blocks")
            }
            let tally = Tally(row: statement, from: 5)
            guard tally.isPossible(amongCases: most) else { throw DatabaseError.unknown("public_blocks") }
            blocks.append(
                PublicBlock(
                    treatment: Subject(rawValue: statement.int64(0)), content: content,
                    lastImport: statement.int64(4), tally: tally))
        }
        return blocks
    }

    /// Notes that the figures of a calendar month were released, whether that made a block or not.
    ///
    /// - Parameter month: its last day.
    func note(releaseOf month: Day, run: RunID) throws {
        try db.execute(
            sql: "INSERT INTO public_months (last_day, run_id) VALUES (?, ?)",
            arguments: [month.daysSinceEpoch, run.rawValue])
    }

    func add(_ blocks: [PublicBlock], run: RunID) throws {
        guard !blocks.isEmpty else { return }
        let columns = ["treatment", "content", "first_day", "last_day", "last_import", "run_id"] + Tally.columns
        let places = columns.map { _ in "?" }.joined(separator: ", ")
        let insert = try Statement(
            db, "INSERT INTO public_blocks (\(columns.joined(separator: ", "))) VALUES (\(places))")
        for block in blocks {
            insert.bind(block.treatment.rawValue, at: 1)
            insert.bind(block.content.word, at: 2)
            insert.bind(block.days.map { Int($0.lowerBound.daysSinceEpoch) }, at: 3)
            insert.bind(block.days.map { Int($0.upperBound.daysSinceEpoch) }, at: 4)
            insert.bind(block.lastImport, at: 5)
            insert.bind(run.rawValue, at: 6)
            block.tally.bind(to: insert, from: 7)
            try insert.run()
        }
    }
}

extension Tally {
    /// Whether it can be what so many cases, or edits of them, come to; edits take away as well.
    fileprivate func isPossible(amongCases most: Int) -> Bool {
        let counts =
            [samples, successes, improvements, compliances].map(Int.init) + [
                Int(complianceSum / Int64(Compliance.scale))
            ]
        return counts.allSatisfy { $0.magnitude <= most }
            && [ratingSum, improvementSum].allSatisfy { $0.magnitude <= 5 * most }
    }
}

extension PublicBlock.Content {
    fileprivate var word: String {
        switch self {
        case .cases: "cases"
        case .edits: "edits"
        case .withdrawals: "withdrawals"
        }
    }
}
