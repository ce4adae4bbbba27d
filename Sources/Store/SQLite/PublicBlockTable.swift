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
        while try statement.step() {
            func day(_ column: Int32) -> Day { Day(daysSinceEpoch: statement.int32(column)) }
            let content: PublicBlock.Content
            switch statement.text(1) {
            case "cases": content = .cases(day(2)...day(3))
            case "edits": content = .edits
            case "withdrawals": content = .withdrawals
            default:
                throw DatabaseError.unknown("public_blocks")
            }
            blocks.append(
                PublicBlock(
                    treatment: Subject(rawValue: statement.int64(0)), content: content,
                    lastImport: statement.int64(4), tally: Tally(row: statement, from: 5)))
        }
        return blocks
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

extension PublicBlock.Content {
    fileprivate var word: String {
        switch self {
        case .cases: "cases"
        case .edits: "edits"
        case .withdrawals: "withdrawals"
        }
    }
}
