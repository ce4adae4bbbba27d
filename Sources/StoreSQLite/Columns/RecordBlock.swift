import Domain
import GRDB
import Store

/// A narrow copy of neighbouring records of a kind, from which they are read several times as fast as from their table.
///
/// The database itself keeps copies true: a trigger takes a block away with each record in it that is written, by whomever. Who
/// reads the records puts it back.
struct RecordBlock: Sendable {
    /// How many bits of a record's number tell those of a block apart.
    static let keyBits: Int64 = 12

    /// The numbers that records in a block can have.
    static func numbers(of place: Int64) -> ClosedRange<Int64> {
        place << keyBits...place << keyBits | (1 << keyBits - 1)
    }

    /// The kind and the high bits of the records' numbers.
    let number: Int64
    let bytes: [UInt8]

    private static let kinds: [any PackedRecord.Type] = [
        PatientRecord.self, DiagnosisRecord.self, RecommendationRecord.self, FeedbackRecord.self,
    ]

    /// Whether each copy is what its records would be copied to now.
    static func areTrue(_ db: GRDB.Database) throws -> Bool {
        try kinds.allSatisfy { try areTrue($0, db) }
    }

    private static func areTrue<Record: PackedRecord>(_ kind: Record.Type, _ db: GRDB.Database) throws -> Bool {
        let copies = try Statement(db, "SELECT block, columns FROM record_blocks WHERE block >= ? AND block < ?")
        copies.bind(Record.kind << 56, at: 1)
        copies.bind((Record.kind + 1) << 56, at: 2)
        let rows = try Record.selection(db)
        while try copies.step() {
            let numbers = numbers(of: copies.int64(0) - Record.number(of: 0))
            rows.bind(numbers.lowerBound, at: 1)
            rows.bind(numbers.upperBound, at: 2)
            var packer = RecordPacker<Record>()
            while try rows.step() { packer.append(try Record(row: rows)) }
            packer.end()
            guard packer.blocks.count == 1, packer.blocks[0].bytes.elementsEqual(copies.bytes(1)) else { return false }
        }
        return true
    }

    /// Has the database take away the copies of what is written.
    static func addTriggers(_ db: GRDB.Database) throws {
        for kind in kinds {
            let (table, key, _) = kind.source
            func removal(_ row: String) -> String {
                "DELETE FROM record_blocks WHERE block = \(kind.number(of: 0)) + (\(row).\(key) >> \(keyBits));"
            }
            for (event, removals) in [
                ("INSERT", removal("NEW")), ("UPDATE", removal("OLD") + removal("NEW")), ("DELETE", removal("OLD")),
            ] {
                try db.execute(
                    sql: """
                        CREATE TRIGGER \(table)_\(event.lowercased())_blocks AFTER \(event) ON \(table) BEGIN
                            \(removals)
                        END
                        """)
            }
        }
    }
}

/// A record as blocks hold it: numbers that refer to others, of which most are close to those of the record before.
protocol PackedRecord: Sendable {
    /// The table, its key and its other columns.
    static var source: (table: String, key: String, columns: String) { get }
    /// What blocks of the kind have in the highest bits of their numbers; stored, so it never changes.
    static var kind: Int64 { get }
    /// The fewest bytes that a record takes in a block.
    static var fewestBytes: Int { get }

    /// Something to begin with.
    init()
    /// Reads a row with the key before the other columns.
    init(row: Statement) throws

    var id: Int64 { get }

    /// Writes all but the key.
    func write(to block: inout ByteWriter, after last: Self)
    /// Reads what `write` wrote.
    init(id: Int64, from block: inout ByteReader, after last: Self)
}

extension PackedRecord {
    /// The least and the greatest number of a record, both positive; `nil` where there is none.
    static func ends(_ db: GRDB.Database) throws -> (first: Int64, last: Int64)? {
        let (table, key, _) = source
        // Both asked at once would look at every row.
        let row = try GRDB.Row.fetchOne(
            db, sql: "SELECT (SELECT min(\(key)) FROM \(table)) AS first, (SELECT max(\(key)) FROM \(table)) AS last")
        guard let first: Int64 = try row?.known("first"), let last: Int64 = try row?.known("last") else { return nil }
        guard first > 0 else { throw DatabaseError.unknown("\(table).\(key)") }
        return (first, last)
    }

    /// Reads the rows whose numbers lie from one parameter to another, ascending.
    static func selection(_ db: GRDB.Database) throws -> Statement {
        let (table, key, columns) = source
        return try Statement(
            db, "SELECT \(key), \(columns) FROM \(table) WHERE \(key) BETWEEN ? AND ? ORDER BY \(key)")
    }

    /// The block that a record stands in, without its kind.
    static func place(of id: Int64) -> Int64 { id >> RecordBlock.keyBits }

    /// The number of a block.
    static func number(of place: Int64) -> Int64 { kind << 56 | place }

    /// Calls `body` with the records of a block.
    ///
    /// - Returns: whether it could be read as a whole.
    static func forEach(in bytes: UnsafeRawBufferPointer, place: Int64, _ body: (Self) throws -> Void) rethrows -> Bool
    {
        var reader = ByteReader(bytes)
        var last = Self()
        var id = place << RecordBlock.keyBits
        var isFirst = true
        while !reader.isAtEnd {
            // A damaged copy may say anything.
            let difference = reader.count()
            id &+= difference
            guard difference > 0 || isFirst, Self.place(of: id) == place else { return false }
            isFirst = false
            let record = Self(id: id, from: &reader, after: last)
            if reader.isBroken { return false }
            try body(record)
            last = record
        }
        return true
    }
}

/// Writes blocks of records that come by ascending number.
struct RecordPacker<Record: PackedRecord> {
    private(set) var blocks: [RecordBlock] = []
    private var block = ByteWriter()
    private var place: Int64?
    private var last = Record()

    mutating func append(_ record: Record) {
        let place = Record.place(of: record.id)
        var before = last.id
        if place != self.place {
            end()
            self.place = place
            before = place << RecordBlock.keyBits
        }
        block.append(count: record.id &- before)
        record.write(to: &block, after: last)
        last = record
    }

    mutating func end() {
        if let place { blocks.append(RecordBlock(number: Record.number(of: place), bytes: block.bytes)) }
        place = nil
        last = Record()
        block.removeAll()
    }
}
