import Domain
import GRDB
import Store

/// Records of a kind, in whole blocks.
struct RecordSpan<Record: PackedRecord>: Sendable {
    let places: ClosedRange<Int64>
}

/// Reads the records of a span, from their narrow copies where there are any.
final class PieceReader {
    let db: GRDB.Database
    let asOf: Day
    let days: DayFinder
    /// Blocks of which there was no copy.
    private(set) var missing: [RecordBlock] = []

    init(_ db: GRDB.Database, asOf: Day, zone: ClinicTimeZone) {
        self.db = db
        self.asOf = asOf
        days = DayFinder(zone: zone)
    }

    /// Calls `body` with each record of a span, by ascending number.
    func forEach<Record: PackedRecord>(in span: RecordSpan<Record>, _ body: (Record) throws -> Void) throws {
        let copies = try Statement(
            db, "SELECT block, columns FROM record_blocks WHERE block BETWEEN ? AND ? ORDER BY block")
        copies.bind(Record.number(of: span.places.lowerBound), at: 1)
        copies.bind(Record.number(of: span.places.upperBound), at: 2)
        let rows = try Record.selection(db)
        var packer = RecordPacker<Record>()
        /// Reads blocks from the table.
        func read(_ places: Range<Int64>) throws {
            guard !places.isEmpty else { return }
            rows.bind(RecordBlock.numbers(of: places.lowerBound).lowerBound, at: 1)
            rows.bind(RecordBlock.numbers(of: places.upperBound - 1).upperBound, at: 2)
            while try rows.step() {
                let record = try Record(row: rows)
                try body(record)
                packer.append(record)
            }
            packer.end()
        }
        var next = span.places.lowerBound
        while try copies.step() {
            let place = copies.int64(0) - Record.number(of: 0)
            try read(next..<place)
            guard try Record.forEach(in: copies.bytes(1), place: place, body) else {
                throw DatabaseError.unknown("record_blocks")
            }
            next = place + 1
        }
        try read(next..<span.places.upperBound + 1)
        missing += packer.blocks
    }

    /// About how many records a span has, to make room for: columns that grow are copied again and again.
    ///
    /// It is the most that its copies can hold; where there are few, as many as if the records stood everywhere as close as
    /// in the first block, but no more than the file has room for.
    func room<Record>(for span: RecordSpan<Record>) throws -> Int {
        let size = try Statement(db, "SELECT sum(length(columns)) FROM record_blocks WHERE block BETWEEN ? AND ?")
        size.bind(Record.number(of: span.places.lowerBound), at: 1)
        size.bind(Record.number(of: span.places.upperBound), at: 2)
        let copied = try size.step() ? Int(size.int64(0)) / Record.fewestBytes : 0
        let (table, key, _) = Record.source
        let first = try Statement(db, "SELECT count(*) FROM \(table) WHERE \(key) BETWEEN ? AND ?")
        let numbers = RecordBlock.numbers(of: span.places.lowerBound)
        first.bind(numbers.lowerBound, at: 1)
        first.bind(numbers.upperBound, at: 2)
        let inFirst = try first.step() ? Int(first.int64(0)) : 0
        let (everywhere, isTooMuch) = inFirst.multipliedReportingOverflow(by: span.places.count)
        let most = try SQLiteDatabase.mostRows(db)
        return max(copied, isTooMuch ? most : min(everywhere, most))
    }

    /// The value, which a record of a sound database has.
    func known<Value>(_ value: Value?, _ column: String) throws -> Value {
        guard let value else { throw DatabaseError.unknown(column) }
        return value
    }
}
