import Dispatch
import Domain
import Foundation
import GRDB
import Store
import Synchronization

/// Counts and hashes what an import writes, and what it replaces of earlier ones, for its entry in the audit log.
///
/// Whoever writes or deletes a record for an import calls `add` or `remove`. Hashes are computed on another core.
final class ImportLedger {
    /// Bytes that are handed to the other core at a time.
    private static let chunk = 1 << 16

    private let written = ConcurrentDigests()
    private var pending: [UInt8] = []
    private var replaced: [RecordOwner: RecordDigest] = [:]

    /// Notes that a record was written and belongs to the import now.
    func add(_ record: some StoredRecord) {
        record.digestInput.append(to: &pending)
        if pending.count >= Self.chunk { flush() }
    }

    /// Notes that a record which an earlier import had written was replaced or deleted.
    func remove<Record: StoredRecord>(_ record: Record, of importID: Int64) {
        replaced[RecordOwner(importID: importID, kind: Record.kind), default: RecordDigest()] += RecordDigest(record)
    }

    /// Runs `body`, and notes which of the records listed in the table `temp.missing` it deleted.
    func noteDeletions<Value>(in db: GRDB.Database, _ body: () throws -> Value) throws -> Value {
        try addMissing(in: db, +=)
        let value = try body()
        // Those that are still there were not deleted.
        try addMissing(in: db, -=)
        replaced = replaced.filter { $0.value != RecordDigest() }
        return value
    }

    private func addMissing(in db: GRDB.Database, _ combine: (inout RecordDigest, RecordDigest) -> Void) throws {
        func add<Record: StoredRecord>(_ type: Record.Type) throws {
            let records = "t.\(Record.table.key) IN (SELECT id FROM temp.missing WHERE kind = '\(Record.kind)')"
            for (importID, digest) in try ImportedDigests(of: Record.self, db, where: records).byImport {
                combine(&replaced[RecordOwner(importID: importID, kind: Record.kind), default: RecordDigest()], digest)
            }
        }
        try add(Patient.self)
        try add(Diagnosis.self)
        try add(Recommendation.self)
        try add(Feedback.self)
    }

    private func flush() {
        written.add(pending)
        pending = []
        pending.reserveCapacity(Self.chunk + 4096)
    }

    /// Appends the entry of the import to the audit log, in the transaction of the import.
    func append(to db: GRDB.Database, importID: Int64, at now: Instant) throws {
        flush()
        var written = written.finished()
        // A record that the import wrote twice counts once.
        for owner in replaced.keys where owner.importID == importID {
            written[owner.kind, default: RecordDigest()] -= replaced.removeValue(forKey: owner) ?? RecordDigest()
        }
        let summary = ImportSummaryEntry(
            row: try ImportRow(importID, db), written: written,
            replaced: replaced.sorted { ($0.key.importID, $0.key.kind) < ($1.key.importID, $1.key.kind) }.map {
                .init(importID: $0.key.importID, kind: $0.key.kind, digest: $0.value)
            })
        var chain = try AuditChain(db)
        try chain.append(
            AuditEntry(
                at: now, subject: summary.row.source, role: "import", request: "", action: ImportSummaryEntry.action,
                record: importID, before: nil, after: try summary.json))
    }
}

/// The records of a kind that belong to an import.
struct RecordOwner: Hashable {
    var importID: Int64
    var kind: String
}

/// What the table `imports` says of an import.
struct ImportRow: Codable, Equatable {
    var source: String
    /// In microseconds since 1970.
    var startedAt: Int64
    var rejected: Int

    enum CodingKeys: String, CodingKey {
        case source, rejected
        case startedAt = "started_at"
    }

    /// Inserts a row for an import that begins.
    ///
    /// - Returns: its number, which is higher than all others.
    static func begin(_ db: GRDB.Database, source: String, at now: Instant, hasKeys: Bool) throws -> Int64 {
        let newest = try Int64.fetchOne(db, sql: "SELECT max(import_id) FROM imports") ?? 0
        try NoFreeNumber.check(after: newest, in: "imports")
        try db.execute(
            sql: "INSERT INTO imports (source, started_at, has_keys) VALUES (?, ?, ?)",
            arguments: [source, now.microseconds, hasKeys])
        return db.lastInsertedRowID
    }

    init(_ importID: Int64, _ db: GRDB.Database) throws {
        let select = try Statement(db, "SELECT source, started_at, rejected FROM imports WHERE import_id = ?")
        select.bind(importID, at: 1)
        guard try select.step() else { throw DatabaseError.unknown("imports") }
        defer { select.reset() }
        self.init(row: select, from: 0)
    }

    /// Reads the columns `source`, `started_at` and `rejected`.
    init(row: Statement, from first: Int32) {
        source = row.text(first) ?? ""
        startedAt = row.int64(first + 1)
        rejected = Int(row.int64(first + 2))
    }
}

/// The content of the audit entry of an import.
struct ImportSummaryEntry: Codable {
    static let action = "import.write"

    /// Records of an earlier import that this one replaced or deleted.
    struct Replaced: Codable {
        var importID: Int64
        var kind: String
        var digest: RecordDigest

        enum CodingKeys: String, CodingKey {
            case importID = "import"
            case kind
            case digest = "records"
        }
    }

    var row: ImportRow
    /// By kind of record.
    var written: [String: RecordDigest]
    var replaced: [Replaced]

    enum CodingKeys: String, CodingKey {
        case row = "import"
        case written, replaced
    }

    var json: String { get throws { try AuditJSON.text(self) } }
}

/// JSON in the entries of the audit log.
enum AuditJSON {
    static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// Reads an entry; `nil` where it is not of that form.
    static func value<Value: Decodable>(_ type: Value.Type, _ text: String) -> Value? {
        // Why it cannot be read does not matter to those who look for changes.
        try? JSONDecoder().decode(type, from: Data(text.utf8))
    }
}

/// Digests that are computed on another core, one chunk after the other.
private final class ConcurrentDigests: Sendable {
    /// Chunks that may wait.
    private static let maxPending = 8

    private let queue = DispatchQueue(label: "avicenna.digests")
    private let room = DispatchSemaphore(value: maxPending)
    private let digests = Mutex<[String: RecordDigest]>([:])

    /// Adds records whose bytes follow one another. Blocks while too many wait.
    func add(_ bytes: [UInt8]) {
        room.wait()
        queue.async { [self] in
            var digests: [DigestInput.Kind: RecordDigest] = [:]
            bytes.withUnsafeBytes { bytes in
                DigestInput.forEach(in: bytes) { digests[$0, default: RecordDigest()].add($1) }
            }
            self.digests.withLock { all in
                for (kind, digest) in digests { all[kind.name, default: RecordDigest()] += digest }
            }
            room.signal()
        }
    }

    /// The digests of all that was added, by kind. Blocks until they are computed.
    func finished() -> [String: RecordDigest] {
        queue.sync {}
        return digests.withLock(\.self)
    }
}
