import Crypto
import Domain
import Foundation
import GRDB
import Store

/// Broadcasts as the audit log notes them: the entry's record is the sequence number.
enum BroadcastLog {
    static let action = "broadcast.send"

    /// The entry of a broadcast that was committed with a sequence number.
    static func entry(of broadcast: Broadcast, sequence: Int64, at now: Instant) -> AuditEntry {
        AuditEntry(
            at: now, subject: broadcast.requester.subject, role: broadcast.requester.role.rawValue,
            request: broadcast.request, action: action, record: sequence, before: nil,
            after: text(diagnosis: broadcast.diagnosis.rawValue, kind: broadcast.kind.rawValue, data: broadcast.data))
    }

    /// What an entry says of a broadcast: the diagnosis, the kind and the SHA-256 of the data.
    static func text(diagnosis: Int64, kind: String, data: String) -> String {
        let digest = SHA256.hash(data: Data(data.utf8)).hexadecimal
        let summary: JSON = ["diagnosis_id": .integer(diagnosis), "type": .text(kind), "sha256": .text(digest)]
        return summary.description
    }
}

/// Compares broadcasts with their entries. Those that were pruned are not compared.
struct BroadcastCheck {
    private let select: Statement
    private let pruned: Int64

    init(db: GRDB.Database) throws {
        select = try Statement(db, "SELECT at, diagnosis_id, type, data FROM deltas WHERE seq = ?")
        pruned = try Int64.fetchOne(db, sql: "SELECT seq FROM pruned_deltas") ?? 0
    }

    /// Checks the broadcast of an entry.
    func run(_ entry: AuditEntry, number: Int64, _ report: inout AuditReport) throws {
        select.bind(entry.record, at: 1)
        defer { select.reset() }
        guard try select.step() else {
            if entry.record > pruned {
                report.add("broadcast \(entry.record) is missing, though entry \(number) says that it was sent")
            }
            return
        }
        let text = BroadcastLog.text(
            diagnosis: select.int64(1), kind: select.text(2) ?? "", data: select.text(3) ?? "")
        guard text == entry.after, select.int64(0) == entry.at.microseconds else {
            report.add("broadcast \(entry.record) differs from entry \(number)")
            return
        }
    }
}
