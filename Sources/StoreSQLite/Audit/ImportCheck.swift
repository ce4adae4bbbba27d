import Domain
import GRDB
import Store

/// Compares imports, and the records that still belong to them, with what their entries say that they wrote, less what later
/// entries say was replaced, deleted or changed.
///
/// A sum over all records of an import shows that one of them was deleted, changed, inserted or moved, but not which.
struct ImportCheck {
    let db: GRDB.Database
    let log: AuditTrail

    func run(_ report: inout AuditReport) throws {
        try compareImports(&report)
        try compare(Patient.self, &report)
        try compare(Diagnosis.self, &report)
        try compare(Recommendation.self, &report)
        try compare(Feedback.self, &report)
    }

    private func compareImports(_ report: inout AuditReport) throws {
        var entries = log.imports
        let rows = try Statement(db, "SELECT import_id, source, started_at, rejected FROM imports ORDER BY import_id")
        while try rows.step() {
            let id = rows.int64(0)
            let row = ImportRow(row: rows, from: 1)
            guard let entry = entries.removeValue(forKey: id) else {
                if row.source != OrderRecords.source, id > log.baseline.lastImport {
                    report.add("import \(id) has no entry")
                }
                continue
            }
            if row != entry.row { report.add("import \(id) is not as its entry says") }
        }
        for id in entries.keys.sorted() { report.add("import \(id) is not there, though it has an entry") }
    }

    private func compare<Record: StoredRecord>(_ type: Record.Type, _ report: inout AuditReport) throws {
        let digests = try ImportedDigests(
            of: Record.self, db, where: "i.source IS NOT '\(OrderRecords.source)'", countedOnly: log.baseline.lastImport
        )
        let found = digests.byImport
        for id in digests.unreadable { report.add("\(Record.kind) \(id) holds what no version writes") }
        for id in Set(found.keys).union(log.imports.keys).sorted() where id > log.baseline.lastImport {
            guard let entry = log.imports[id] else {
                report.add("import \(id), which \(Record.kind) records belong to, has no entry")
                continue
            }
            var expected = entry.written[Record.kind] ?? RecordDigest()
            expected -= log.displaced[RecordOwner(importID: id, kind: Record.kind)] ?? RecordDigest()
            let actual = found[id] ?? RecordDigest()
            let name = "import \(id) ('\(entry.row.source)')"
            if actual.records != expected.records {
                report.add(
                    "\(name) has \(actual.records) \(Record.kind) records, and \(expected.records) by the entries")
            } else if actual != expected {
                report.add("the \(Record.kind) records of \(name) are not as the entries say")
            }
        }
        compareOlder(Record.kind, found.filter { $0.key <= log.baseline.lastImport }.map(\.value.records), &report)
    }

    /// Records of imports before imports had entries are only counted.
    private func compareOlder(_ kind: String, _ counts: [Int], _ report: inout AuditReport) {
        let actual = counts.reduce(0, +)
        let displaced = log.displaced.filter { $0.key.kind == kind && $0.key.importID <= log.baseline.lastImport }
        let expected = (log.baseline.records[kind] ?? 0) - displaced.reduce(0) { $0 + $1.value.records }
        if actual != expected {
            report.add(
                "there are \(actual) \(kind) records of imports up to \(log.baseline.lastImport), and \(expected) by the entries"
            )
        }
        report.uncovered += actual
    }
}

/// The digests of imported records of a kind, by the import that they belong to.
struct ImportedDigests {
    private(set) var byImport: [Int64: RecordDigest] = [:]
    /// The numbers of records that hold what no version writes.
    private(set) var unreadable: [Int64] = []

    /// Reads the records.
    ///
    /// - Parameters:
    ///   - condition: which, by the tables `t` and `imports i`.
    ///   - countedOnly: the newest import whose records are counted and not hashed.
    init<Record: StoredRecord>(
        of type: Record.Type, _ db: GRDB.Database, where condition: String, countedOnly: Int64 = 0
    ) throws {
        let (table, key) = Record.table
        let (columns, joins) = Record.selection
        let rows = try Statement(
            db,
            """
            SELECT \(columns), t.\(key), t.import_id FROM \(table) t LEFT JOIN imports i ON i.import_id = t.import_id
            \(joins) WHERE \(condition) ORDER BY t.\(key)
            """)
        let last = rows.columnCount - 1
        var bytes: [UInt8] = []
        while try rows.step() {
            let owner = rows.int64(last)
            guard let record = Record(id: Identifier(rawValue: rows.int64(last - 1)), known: rows) else {
                unreadable.append(rows.int64(last - 1))
                continue
            }
            if owner <= countedOnly {
                byImport[owner, default: RecordDigest()].records += 1
                continue
            }
            bytes.removeAll(keepingCapacity: true)
            record.digestInput.append(to: &bytes)
            bytes.withUnsafeBytes { byImport[owner, default: RecordDigest()].add($0) }
        }
    }
}
