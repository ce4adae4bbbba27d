import Domain
import GRDB
import Store

/// The statements for one kind of record.
final class RecordTable<Record: StoredRecord> {
    private let insert: Statement
    private let update: Statement
    private let select: Statement
    private let side: Statement?

    init(_ db: GRDB.Database) throws {
        let (table, key) = Record.table
        let columns = Record.columns + ["import_id"]
        // Numbered from the record's content on; the key is the last parameter.
        let values = columns.enumerated().map { place, column in
            column == "created_at" ? Record.plausibleDate ?? "?\(place + 1)" : "?\(place + 1)"
        }.joined(separator: ", ")
        let names = columns.joined(separator: ", ")
        let id = "?\(columns.count + 1)"
        insert = try Statement(db, "INSERT INTO \(table) (\(names), \(key)) VALUES (\(values), \(id))")
        update = try Statement(db, "UPDATE \(table) SET (\(names)) = (\(values)) WHERE \(key) = \(id)")
        select = try Statement(
            db,
            """
            SELECT \(Record.selection.columns), i.import_id, i.source
            FROM \(table) t JOIN imports i ON i.import_id = t.import_id \(Record.selection.joins)
            WHERE t.\(key) = ?
            """)
        side = try Record.sideInsert.map { try Statement(db, $0) }
    }

    /// - Returns: the constraint that stood against it; `nil` where it was written.
    func insert(_ record: Record, names: NameTable, importID: Int64) throws -> ResultCode? {
        if let refused = try run(insert, record, names: names, importID: importID) { return refused }
        try writeSide(record)
        return nil
    }

    /// - Returns: the constraint that stood against it; `nil` where it was written.
    func update(_ record: Record, names: NameTable, importID: Int64) throws -> ResultCode? {
        if let refused = try run(update, record, names: names, importID: importID) { return refused }
        try writeSide(record, always: true)
        return nil
    }

    private func run(
        _ statement: Statement, _ record: Record, names: NameTable, importID: Int64
    ) throws -> ResultCode? {
        let count = Int32(Record.columns.count)
        try record.bind(to: statement, from: 1, names: names)
        statement.bind(importID, at: count + 1)
        statement.bind(record.id.rawValue, at: count + 2)
        return try statement.runReportingConstraints()
    }

    private func writeSide(_ record: Record, always: Bool = false) throws {
        guard let side, record.bindSide(to: side) || always else { return }
        side.bind(record.id.rawValue, at: 1)
        try side.run()
    }

    /// What stands under an id, and which import of which source wrote it.
    func known(_ id: Identifier<Record.Kind>) throws -> (record: Record, importID: Int64, source: String)? {
        select.bind(id.rawValue, at: 1)
        guard try select.step() else { return nil }
        defer { select.reset() }
        guard let record = Record(id: id, known: select) else { return nil }
        let next = Int32(Record.columns.count + (side == nil ? 0 : 2))
        return (record, select.int64(next), select.text(next + 1) ?? "")
    }
}
