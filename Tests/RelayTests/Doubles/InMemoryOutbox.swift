import Dispatch
import Domain
import Store
import Synchronization
import TestSupport

/// An outbox and revocations in memory, without any SQL.
final class InMemoryOutbox: Outbox, TokenRevocations {
    struct State: Sendable {
        var patients: [DiagnosisID: PatientID] = [:]
        var deltas: [Delta] = []
        var revoked: [RevokedTokens] = []
        /// The state of every diagnosis.
        var state = DiagnosisState(effectiveness: [:], ranking: .exact([]))
        var herbs = HerbNames()
        /// What all calls throw; `nil` while the database can be used.
        var error: StoreError?
        /// The most deltas that a part of what was missed has, however few bytes they have.
        var partSize = Int.max
        /// The numbers after which deltas were read page by page.
        var pagesRead: [Int64] = []
    }

    /// A diagnosis of patient 1, and one of patient 2.
    static let (first, second) = (DiagnosisID(rawValue: 1), DiagnosisID(rawValue: 2))

    let bell = InMemorySignal()
    private let state = Mutex(State(patients: [first: PatientID(rawValue: 1), second: PatientID(rawValue: 2)]))

    var signal: any OutboxSignal { bell }
    var current: State { state.withLock { $0 } }

    func change(_ body: (inout sending State) -> Void) { state.withLock { body(&$0) } }

    /// Makes all calls fail as with a database that cannot be read, or work again.
    func fail(_ isFailing: Bool) {
        change { $0.error = isFailing ? .engine(location: "clinic.db", reason: "disk I/O error") : nil }
    }

    /// Commits a change as another process does, which has raised no signal yet.
    @discardableResult
    func commit(_ change: Delta.Change, of diagnosis: DiagnosisID, at now: Instant = Instant(seconds: 0)) -> Int64 {
        state.withLock { $0.append(change, of: diagnosis, at: now) }
    }

    private func read<Value>(_ body: (State) throws -> Value) throws -> Value {
        let state = current
        if let error = state.error { throw error }
        return try body(state)
    }

    // MARK: Outbox

    func outboxEpoch() throws -> OutboxEpoch { .zero }

    func latestSequence() throws -> Int64 { try read { $0.deltas.last?.sequence ?? 0 } }

    func outbox(after sequence: Int64, limit: Int, where isWanted: (DiagnosisID) -> Bool) throws -> OutboxPage {
        change { $0.pagesRead.append(sequence) }
        return try read { state in
            let page = state.deltas.filter { $0.sequence > sequence }.prefix(limit)
            return OutboxPage(
                deltas: page.filter { isWanted($0.diagnosis) }, herbs: state.herbs,
                last: page.last?.sequence ?? sequence, isFull: page.count == limit)
        }
    }

    func latestSequence(of diagnosis: DiagnosisID, for audience: Delta.Audience) throws -> Int64 {
        try read { $0.deltas(of: diagnosis, for: audience).last?.sequence ?? 0 }
    }

    func missed(
        of diagnosis: DiagnosisID, for audience: Delta.Audience, after sequence: Int64, upTo last: Int64?, limit: Int,
        bytes: Int, own: OwnFigures, at now: Instant
    ) throws -> MissedPart {
        try read { state in
            let all = state.deltas(of: diagnosis, for: audience)
            let newest = all.last?.sequence ?? 0
            let end = last ?? newest
            let missed = all.filter { $0.sequence > sequence && $0.sequence <= end }
            guard sequence <= end, missed.count <= limit else {
                return MissedPart(
                    deltas: nil, state: state.state, herbs: state.herbs, count: 0, last: newest, hasMore: false)
            }
            let part = missed.prefix(state.partSize)
            return MissedPart(
                deltas: Array(part), state: nil, herbs: state.herbs, count: missed.count, last: end,
                hasMore: part.count < missed.count)
        }
    }

    func broadcastWriter() -> any BroadcastWriter { Writer(outbox: self) }

    private struct Writer: BroadcastWriter {
        let outbox: InMemoryOutbox

        func commit(_ broadcasts: [Broadcast], at now: Instant) throws -> [Int64?] {
            try outbox.state.withLock { state in
                if let error = state.error { throw error }
                return broadcasts.map { broadcast in
                    guard state.patients[broadcast.diagnosis] != nil else { return nil }
                    return state.append(
                        .broadcast(broadcast.kind, json: broadcast.data), of: broadcast.diagnosis, at: now)
                }
            }
        }
    }

    func patient(of diagnosis: DiagnosisID) throws -> PatientID? { try read { $0.patients[diagnosis] } }

    // MARK: Revocations

    func revoke(_ tokens: RevokedTokens, at now: Instant) { change { $0.revoked.append(tokens) } }

    func revocations(after number: Int64) throws -> (revoked: [RevokedTokens], last: Int64) {
        try read { (Array($0.revoked.dropFirst(Int(number))), Int64($0.revoked.count)) }
    }
}

extension InMemoryOutbox.State {
    fileprivate mutating func append(_ change: Delta.Change, of diagnosis: DiagnosisID, at now: Instant) -> Int64 {
        let sequence = (deltas.last?.sequence ?? 0) + 1
        deltas.append(Delta(sequence: sequence, diagnosis: diagnosis, at: now, change: change))
        return sequence
    }

    fileprivate func deltas(of diagnosis: DiagnosisID, for audience: Delta.Audience) -> [Delta] {
        deltas.filter { $0.diagnosis == diagnosis && $0.isFor(audience) }
    }
}

extension Delta.Change {
    /// A broadcast with a number by which tests know it.
    static func numbered(_ number: Int) -> Self { .broadcast(.feedback, json: #"{"n":\#(number)}"#) }
}
