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
            SELECT treatment, first_day, last_day, last_import, \(Tally.columns.joined(separator: ", "))
            FROM public_blocks ORDER BY block_id
            """)
        var blocks: [PublicBlock] = []
        while try statement.step() {
            func day(_ column: Int32) -> Day { Day(daysSinceEpoch: statement.int32(column)) }
            blocks.append(
                PublicBlock(
                    treatment: Subject(rawValue: statement.int64(0)),
                    days: statement.isNull(1) ? nil : day(1)...day(2), lastImport: statement.int64(3),
                    tally: Tally(row: statement, from: 4)))
        }
        return blocks
    }

    func add(_ blocks: [PublicBlock], run: RunID) throws {
        guard !blocks.isEmpty else { return }
        let columns = ["treatment", "first_day", "last_day", "last_import", "run_id"] + Tally.columns
        let places = columns.map { _ in "?" }.joined(separator: ", ")
        let insert = try Statement(
            db, "INSERT INTO public_blocks (\(columns.joined(separator: ", "))) VALUES (\(places))")
        for block in blocks {
            insert.bind(block.treatment.rawValue, at: 1)
            insert.bind(block.days.map { Int($0.lowerBound.daysSinceEpoch) }, at: 2)
            insert.bind(block.days.map { Int($0.upperBound.daysSinceEpoch) }, at: 3)
            insert.bind(block.lastImport, at: 4)
            insert.bind(run.rawValue, at: 5)
            block.tally.bind(to: insert, from: 6)
            try insert.run()
        }
    }
}
